// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Allotment, Claim, ICertificates} from "../../../contracts/interfaces/ICertificates.sol";
import {AccountKind} from "../../../contracts/interfaces/IRegistry.sol";
import {BatchId} from "../../../contracts/types/BatchId.sol";
import {MoveKind, State, Technology} from "../../../contracts/types/Classes.sol";
import {Month} from "../../../contracts/types/Month.sol";
import {Range} from "../../../contracts/types/Range.sol";
import {ReadingsHandler} from "./ReadingsHandler.sol";

/// @notice Certificates move without a trade, are frozen, retired on request and when they are due.
abstract contract CertificatesHandler is ReadingsHandler {
    mapping(uint256 month => bool) private warned;

    /* MOVING */

    function moveRange(uint256 seed) internal {
        (BatchId batch, uint32 start, uint32 end) =
            _range(seed, State.Held, (seed >> 8) % 3 == 0 ? Liking.Provincial : Liking.Any);
        MoveKind kind = MoveKind((seed >> 16) % 5);
        address caller = _caller(AUTHORITY, seed >> 64);
        address to = _account(seed >> 96);
        bool allowed = caller == AUTHORITY && _mayReceive(to) && _is(batch, start, end, State.Held)
            && !_expired(batch) && _mayMove(batch, start, kind);
        bytes memory data = abi.encodeCall(ICertificates.move, (batch, start, end, to, kind, BASIS));
        if (_call(address(certificates), caller, data, allowed, "move")) _put(batch, start, end, to, State.Held);
    }

    /// @dev Stock hydro from its province, self-used electricity's from its producer, and whatever is inherited.
    function _mayMove(BatchId batch, uint32 serial, MoveKind kind) private view returns (bool) {
        if (kind == MoveKind.Succession) return true;
        address owner = ledger[batch][serial].owner;
        if (kind == MoveKind.SelfUseToUser) return batch.electricityBits() == 1 && owner == firstHolder[batch];
        if (kind != MoveKind.HydroToUser || batch.electricityBits() != 0 || batch.tradable()) return false;
        return batch.project().technology() == Technology.Hydro && owner == provinces[batch.project().province()];
    }

    function distribute(uint256 seed) internal {
        Allotment[] memory items = new Allotment[](1 + seed % 2);
        for (uint256 i = 0; i < items.length; ++i) {
            seed = _next(seed);
            Liking liking = seed % 6 == 0 ? Liking.Any : Liking.Provincial;
            (BatchId batch, uint32 start, uint32 end) = _range(seed, State.Held, liking);
            items[i] = Allotment(batch, start, end, _account(seed >> 16));
        }
        address caller = _callerFor(_ownerAt(items[0].batch, items[0].start), seed >> 64);
        for (uint256 i = 0; i < items.length && !paused; ++i) {
            _allot(items[i], caller);
        }
        bytes memory data = abi.encodeCall(ICertificates.distribute, (items, BASIS));
        _call(address(certificates), caller, data, true, "distribute");
        for (uint256 i = 0; i < items.length; ++i) {
            _compare(items[i].batch, items[i].start, "distribute");
        }
    }

    function _allot(Allotment memory item, address caller) private {
        (BatchId batch, uint32 start, uint32 end) = (item.batch, item.start, item.end);
        bool done = _mayReceive(item.to) && _is(batch, start, end, State.Held) && !_expired(batch)
            && _mayAct(ledger[batch][start].owner, caller)
            && principals[ledger[batch][start].owner].kind == AccountKind.Province;
        _count("distribute one", done);
        if (done) _put(batch, start, end, item.to, State.Held);
    }

    /* FREEZING */

    function freezeRange(uint256 seed, bool freezes) internal {
        State from = freezes ? State.Held : State.Frozen;
        (BatchId batch, uint32 start, uint32 end) = _range(seed, from, Liking.Any);
        address caller = _caller(AUTHORITY, seed >> 64);
        bool allowed = caller == AUTHORITY && _is(batch, start, end, from) && !(freezes && _expired(batch));
        bytes memory data = freezes
            ? abi.encodeCall(ICertificates.freeze, (batch, start, end, BASIS))
            : abi.encodeCall(ICertificates.unfreeze, (batch, start, end, BASIS));
        if (_call(address(certificates), caller, data, allowed, freezes ? "freeze" : "unfreeze")) {
            _setState(batch, start, end, freezes ? State.Frozen : State.Held);
        }
    }

    /* RETIRING */

    function retireRange(uint256 seed) internal {
        (BatchId batch, uint32 start, uint32 end) = _range(seed, State.Held, Liking.Any);
        address owner = _ownerAt(batch, start);
        address caller = _callerFor(owner, seed >> 64);
        Claim memory claim = claimOf();
        claim.purpose = uint8((seed >> 96) % 9);
        if ((seed >> 104) % 12 == 0) claim.to = claim.from;
        if ((seed >> 112) % 12 == 0) claim.beneficiary = "";
        bool worded = claim.purpose != 0 && claim.purpose < 8 && claim.from.isBefore(claim.to)
            && bytes(claim.beneficiary).length != 0;
        bool allowed = worded && _is(batch, start, end, State.Held) && _mayAct(owner, caller) && !_expired(batch)
            && !_forCcer(batch, start);
        bytes memory data = abi.encodeCall(ICertificates.retire, (batch, start, end, claim));
        if (_call(address(certificates), caller, data, allowed, "retire")) {
            _setState(batch, start, end, State.Retired);
        }
    }

    function retireDue(uint256 seed) internal {
        (BatchId batch, uint32 start, uint32 end) =
            _range(seed, State.Held, (seed >> 8) % 3 == 0 ? Liking.Any : Liking.Due);
        bool allowed = _is(batch, start, end, State.Held) && _isDue(batch, start);
        bytes memory data = abi.encodeCall(ICertificates.retireDue, (batch, start, end));
        if (_call(address(certificates), _caller(STRANGER, seed >> 64), data, allowed, "retire due")) {
            _setState(batch, start, end, State.Retired);
        }
    }

    function sweep(uint256 seed) internal {
        Range[] memory ranges = new Range[](1 + seed % 3);
        for (uint256 i = 0; i < ranges.length; ++i) {
            seed = _next(seed);
            (BatchId batch, uint32 start, uint32 end) =
                _range(seed, State.Held, seed % 4 == 0 ? Liking.Any : Liking.Due);
            ranges[i] = Range(batch, start, end);
        }
        for (uint256 i = 0; i < ranges.length && !paused; ++i) {
            (BatchId batch, uint32 start, uint32 end) = (ranges[i].batch, ranges[i].start, ranges[i].end);
            bool done = _is(batch, start, end, State.Held) && _isDue(batch, start);
            _count("sweep one", done);
            if (done) _setState(batch, start, end, State.Retired);
        }
        bytes memory data = abi.encodeCall(ICertificates.sweep, (ranges));
        _call(address(certificates), _caller(STRANGER, seed >> 64), data, true, "sweep");
        for (uint256 i = 0; i < ranges.length; ++i) {
            _compare(ranges[i].batch, ranges[i].start, "sweep");
        }
    }

    function warn(uint256 seed) internal {
        uint256 number = bound(seed >> 8, 1497, 1502);
        Month month = Month.wrap(uint16(number));
        bool allowed =
            block.timestamp >= month.warnsAt() && block.timestamp < month.expiresAt() && !warned[number];
        bytes memory data = abi.encodeCall(ICertificates.warn, (month));
        if (_call(address(certificates), _caller(STRANGER, seed >> 64), data, allowed, "warn")) warned[number] = true;
    }
}
