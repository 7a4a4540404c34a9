// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Addition} from "../../../contracts/interfaces/ICertificates.sol";
import {BatchId} from "../../../contracts/types/BatchId.sol";
import {Electricity, State, Technology} from "../../../contracts/types/Classes.sol";
import {ProjectId} from "../../../contracts/types/ProjectId.sol";
import {Range} from "../../../contracts/types/Range.sol";
import {Actors} from "./Actors.sol";

/// @notice What should be so: an entry a certificate and no ranges, besides the places where a segment was cut.
abstract contract Model is Actors {
    /// @dev What a random range should be part of, if something like it is found soon.
    enum Liking {
        Any,
        Salable,
        Due,
        Traded,
        Provincial
    }

    /// @param undone How often a case gave its trade back.
    struct Certificate {
        address owner;
        State state;
        bool traded;
        bool begins;
        uint16 trades;
        uint16 undone;
    }

    /// @param energy What was metered with all corrections, in Wh.
    /// @param owed Certificates that decided cases have yet to deduct.
    struct Meter {
        int256 energy;
        uint256 owed;
        uint256 latest;
        mapping(uint256 month => bool) months;
    }

    struct Plant {
        address owner;
        uint16 inOperation;
        bool marketBased;
        bool approved;
        bool ccer;
        uint8 submitted;
        bytes32 pending;
    }

    struct Lot {
        BatchId batch;
        uint32 start;
        uint32 end;
        uint64 platforms;
    }

    ProjectId[] internal projects;
    BatchId[] internal batches;
    uint256[] internal lots;
    uint256 internal retired;
    uint256 internal deducted;
    uint256 internal trades;
    mapping(ProjectId project => Plant) internal plants;
    mapping(ProjectId project => mapping(uint256 month => bool)) internal registeredFor;
    mapping(ProjectId project => mapping(uint256 electricity => Meter)) internal meters;
    mapping(BatchId batch => Certificate[]) internal ledger;
    mapping(BatchId batch => address) internal firstHolder;
    mapping(BatchId batch => Addition[]) internal additions;
    mapping(uint256 lot => Lot) internal lotOf;
    mapping(address account => uint256) internal held;

    /* FACTS */

    function _isUniform(BatchId batch, uint32 start, uint32 end) internal view returns (bool) {
        if (start >= end || end > ledger[batch].length) return false;
        for (uint256 i = uint256(start) + 1; i < end; ++i) {
            if (ledger[batch][i].begins) return false;
        }
        return true;
    }

    function _is(BatchId batch, uint32 start, uint32 end, State state) internal view returns (bool) {
        return _isUniform(batch, start, end) && ledger[batch][start].state == state;
    }

    function _expired(BatchId batch) internal view returns (bool) {
        return block.timestamp >= batch.month().expiresAt();
    }

    /// @dev Its project chose CCER or has reductions for the month, and it was not traded.
    function _forCcer(BatchId batch, uint32 serial) internal view returns (bool) {
        return !ledger[batch][serial].traded && (plants[batch.project()].ccer || _registered(batch));
    }

    function _registered(BatchId batch) internal view returns (bool) {
        return registeredFor[batch.project()][_monthOf(batch)];
    }

    function _hasTradeLeft(BatchId batch, uint32 serial) internal view returns (bool) {
        return batch.tradable() && !ledger[batch][serial].traded && !_expired(batch) && !_forCcer(batch, serial);
    }

    function _isDue(BatchId batch, uint32 serial) internal view returns (bool) {
        bool ccer = !ledger[batch][serial].traded && _registered(batch);
        return ccer || _expired(batch) || principals[ledger[batch][serial].owner].closed;
    }

    function _ownerAt(BatchId batch, uint32 serial) internal view returns (address) {
        return serial < ledger[batch].length ? ledger[batch][serial].owner : OWNER;
    }

    function _monthOf(BatchId batch) internal pure returns (uint256) {
        return uint256(uint64(BatchId.unwrap(batch) >> 4)) & 0xfff;
    }

    function _overlap(Range memory a, Range memory b) internal pure returns (bool) {
        return BatchId.unwrap(a.batch) == BatchId.unwrap(b.batch) && a.start < b.end && b.start < a.end;
    }

    /// @dev Whole certificates of an amount of energy that may be below nothing.
    function _whole(int256 energy) internal pure returns (int256) {
        int256 unit = int256(CERTIFICATE);
        return energy >= 0 ? energy / unit : -((unit - 1 - energy) / unit);
    }

    /* EFFECTS */

    function _print(BatchId batch, address holder, uint256 count) internal {
        for (uint256 i = 0; i < count; ++i) {
            ledger[batch].push(Certificate(holder, State.Held, false, i == 0, 0, 0));
        }
        held[holder] += count;
    }

    function _put(BatchId batch, uint32 start, uint32 end, address owner, State state) internal {
        _cut(batch, start, end);
        for (uint256 i = start; i < end; ++i) {
            Certificate storage certificate = ledger[batch][i];
            if (certificate.state == State.Retired) --retired;
            else if (certificate.state == State.Deducted) --deducted;
            else --held[certificate.owner];
            (certificate.owner, certificate.state) = (owner, state);
            if (state == State.Retired) ++retired;
            else if (state == State.Deducted) ++deducted;
            else ++held[owner];
        }
    }

    function _setState(BatchId batch, uint32 start, uint32 end, State state) internal {
        _put(batch, start, end, _ownerAt(batch, start), state);
    }

    function _sell(BatchId batch, uint32 start, uint32 end, address buyer) internal {
        _put(batch, start, end, buyer, State.Held);
        ++trades;
        for (uint256 i = start; i < end; ++i) {
            ledger[batch][i].traded = true;
            ++ledger[batch][i].trades;
        }
    }

    function _giveBack(BatchId batch, uint32 start, uint32 end) internal {
        _put(batch, start, end, firstHolder[batch], State.Held);
        for (uint256 i = start; i < end; ++i) {
            ledger[batch][i].traded = false;
            ++ledger[batch][i].undone;
        }
    }

    function _cut(BatchId batch, uint32 start, uint32 end) private {
        ledger[batch][start].begins = true;
        if (end < ledger[batch].length) ledger[batch][end].begins = true;
    }

    /// @dev Of the lots that are gone every sixteenth stays, so that what is gone is asked for too.
    function _dropLot(uint256 at) internal {
        uint256 id = lots[at];
        delete lotOf[id];
        if (id % 16 == 0) return;
        lots[at] = lots[lots.length - 1];
        lots.pop();
    }

    /// @dev Items of a call do not revert it: whether each ended as foreseen is seen in what it was about.
    function _compare(BatchId batch, uint32 serial, string memory kind) internal {
        if (serial >= ledger[batch].length) return;
        Certificate storage certificate = ledger[batch][serial];
        (,, address owner, State state, bool traded) = certificates.segmentAt(batch, serial);
        bool same = owner == certificate.owner && state == certificate.state && traded == certificate.traded;
        if (!same) _blame(string.concat("an item ended otherwise than foreseen: ", kind), "");
    }

    /* CHOICES */

    /// @dev Mostly a part of one segment in the state that is looked for; sometimes any two numbers in any batch.
    function _range(uint256 seed, State wanted, Liking liking)
        internal
        view
        returns (BatchId batch, uint32 start, uint32 end)
    {
        for (uint256 tries = 0; tries < 20; ++tries) {
            seed = _next(seed);
            batch = batches[seed % batches.length];
            start = uint32((seed >> 16) % ledger[batch].length);
            if (ledger[batch][start].state == wanted && _isLiked(batch, start, liking)) break;
        }
        (start, end) = _around(batch, start, seed >> 32);
    }

    /// @dev The same in a batch that is given, traded or not as is asked for.
    function _rangeOf(BatchId batch, uint256 seed, State wanted, bool traded)
        internal
        view
        returns (uint32 start, uint32 end)
    {
        uint256 count = ledger[batch].length;
        uint256 from = seed % count;
        for (uint256 i = 0; i < count; ++i) {
            start = uint32((from + i) % count);
            if (ledger[batch][start].state == wanted && ledger[batch][start].traded == traded) break;
        }
        (start, end) = _around(batch, start, seed >> 32);
    }

    function _around(BatchId batch, uint32 start, uint256 seed) private view returns (uint32, uint32 end) {
        uint256 count = ledger[batch].length;
        if (seed % 12 == 0) return (start, uint32((seed >> 8) % (count + 2)));
        uint256 last = uint256(start) + 1;
        while (last < count && !ledger[batch][last].begins) ++last;
        end = uint32((seed >> 16) % 2 == 0 ? last : bound(seed >> 24, uint256(start) + 1, last));
        return (start, end);
    }

    /// @dev What was traded already is as good as salable now and then, for it must not be sold again (I5).
    function _isLiked(BatchId batch, uint32 serial, Liking liking) private view returns (bool) {
        if (liking == Liking.Due) return _isDue(batch, serial);
        if (liking == Liking.Traded) return ledger[batch][serial].traded;
        if (liking == Liking.Salable) return _hasTradeLeft(batch, serial) || (serial % 8 == 0 && !_expired(batch));
        bool provincial = ledger[batch][serial].owner == provinces[batch.project().province()];
        return liking == Liking.Any || (provincial && !_expired(batch));
    }

    /// @dev Rules of section 4: what can be traded, and whose it is at first.
    function _classOf(ProjectId project, uint256 electricity)
        internal
        view
        returns (bool tradable, address holder)
    {
        Plant storage plant = plants[project];
        bool onGrid = electricity == uint256(Electricity.OnGrid);
        bool stockHydro =
            project.technology() == Technology.Hydro && (!plant.marketBased || plant.inOperation < 1476);
        tradable = onGrid && !stockHydro;
        bool provincial = electricity == uint256(Electricity.Mechanism) || (onGrid && stockHydro);
        holder = provincial ? provinces[project.province()] : plant.owner;
    }
}
