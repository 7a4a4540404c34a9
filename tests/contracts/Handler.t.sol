// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Certificates} from "../../contracts/Certificates.sol";
import {Market} from "../../contracts/Market.sol";
import {Readings} from "../../contracts/Readings.sol";
import {Registry} from "../../contracts/Registry.sol";
import {Claim} from "../../contracts/interfaces/ICertificates.sol";
import {Listing} from "../../contracts/interfaces/IMarket.sol";
import {Filing} from "../../contracts/interfaces/IRegistry.sol";
import {BatchId, BatchIdLibrary} from "../../contracts/types/BatchId.sol";
import {Electricity, State, Technology} from "../../contracts/types/Classes.sol";
import {Leaf} from "../../contracts/types/Leaf.sol";
import {Month} from "../../contracts/types/Month.sol";
import {ProjectId} from "../../contracts/types/ProjectId.sol";
import {Trees} from "./Trees.sol";
import {World} from "./World.sol";

/// @notice Makes any call as anybody, knows beforehand whether it must succeed, and keeps every certificate by itself.
/// @dev A call that ends otherwise than foreseen is a `violation`. The model has an entry a certificate and no ranges,
/// besides the places where a segment was cut.
contract Handler is World {
    /// @dev What a random range should be part of, if something like it is found soon.
    enum Liking {
        Any,
        Salable,
        Expired
    }

    struct Certificate {
        address owner;
        State state;
        bool traded;
        uint8 trades;
        bool begins;
    }

    struct Lane {
        uint256 metered;
        uint256 issued;
        uint256 latest;
        mapping(uint256 month => bool) months;
    }

    struct Stored {
        Month month;
        uint24 id;
        uint256 drawn;
    }

    uint256 private constant FIRST_MONTH = 1489;
    uint256 private constant KINDS = 15;

    string public violation;
    mapping(string kind => uint256) public successes;
    mapping(string kind => uint256) public refusals;
    uint256 public issued;
    uint256 public retired;

    ProjectId[] private projects;
    address[] private accounts;
    address[] private callers;
    BatchId[] private batches;
    Stored[] private stored;
    uint256[] private listings;
    mapping(uint256 commitment => Leaf[]) private leavesOf;
    mapping(BatchId batch => Certificate[]) private ledger;
    mapping(uint256 project => mapping(uint256 electricity => Lane)) private lanes;
    mapping(ProjectId project => address) private owners;
    mapping(address account => address) private operators;
    mapping(address account => bool) private frozen;
    mapping(address account => uint256) private held;

    constructor() {
        World.setUp();
        callers = [
            AUTHORITY, INFO_CENTRE, PROVIDER, REGISTRAR, STRANGER, PROVINCE_KEY, OTHER_PROVINCE_KEY, PLATFORM_KEY,
            OTHER_PLATFORM_KEY, OWNER_KEY, OTHER_OWNER_KEY, BUYER_KEY, OTHER_BUYER_KEY, address(certificates),
            address(market)
        ];
        accounts = [OWNER, OTHER_OWNER, BUYER, OTHER_BUYER, PROVINCE_ACCOUNT, PLATFORM_ACCOUNT, OTHER_PLATFORM_ACCOUNT];
        address[7] memory keys =
            [OWNER_KEY, OTHER_OWNER_KEY, BUYER_KEY, OTHER_BUYER_KEY, PROVINCE_KEY, PLATFORM_KEY, OTHER_PLATFORM_KEY];
        for (uint256 i = 0; i < keys.length; ++i) {
            operators[accounts[i]] = keys[i];
        }
        _addProject(Technology.Wind, OWNER, OWNER_KEY);
        _addProject(Technology.SolarPv, OTHER_OWNER, OTHER_OWNER_KEY);
        _addProject(Technology.Hydro, OWNER, OWNER_KEY);
        _addProject(Technology.PumpedStorage, OWNER, OWNER_KEY);
        projects.push(windOf(77));
    }

    /// @dev The world is made once, by the constructor; the runner may call this like anything else.
    function setUp() public override {}

    function _addProject(Technology technology, address owner, address key) private {
        ProjectId project = projectOf(technology, PROVINCE, projects.length + 1);
        Filing memory filing = filingOf(project, owner, key);
        file(filing);
        projects.push(project);
        owners[project] = owner;
    }

    /* CALLS */

    /// @notice One call of any kind, all of it decided by the seed.
    function act(uint256 seed) external {
        uint256 kind = seed % KINDS;
        seed = _next(seed);
        if (kind <= 1) commitAndIssue(seed);
        else if (kind == 2) issueAgain(seed);
        else if (kind == 3) moveRange(seed);
        else if (kind <= 5) listRange(seed);
        else if (kind == 6) withdrawListing(seed);
        else if (kind <= 8) takeListing(seed);
        else if (kind == 9) freezeRange(seed, seed % 3 != 0);
        else if (kind == 10) retireRange(seed);
        else if (kind == 11) expireRange(seed);
        else if (kind == 12) freezeAccount(seed, (seed >> 128) % 4 == 0);
        else if (kind == 13) callAround(seed);
        else passTime(seed);
    }

    function commitAndIssue(uint256 seed) public {
        Leaf[] memory leaves = new Leaf[](1 + seed % 4);
        for (uint256 i = 0; i < leaves.length; ++i) {
            seed = _next(seed);
            leaves[i] = leafOf(projects[seed % projects.length], _electricity(seed >> 8), (seed >> 16) % 24_000_000);
        }
        seed = _next(seed);
        Month month = Month.wrap(uint16(bound(seed, FIRST_MONTH, 1520)));
        address caller = _caller(PROVIDER, seed >> 16);
        bytes memory data = abi.encodeCall(
            Readings.commit, (month, Trees.root(leaves), uint24(leaves.length), 1, bytes32(uint256(1)), 0)
        );
        if (!_call(address(readings), caller, data, caller == PROVIDER, "commit")) return;
        stored.push(Stored(month, readings.commitments(), 0));
        for (uint256 i = 0; i < leaves.length; ++i) {
            leavesOf[stored.length - 1].push(leaves[i]);
        }
        _issue(stored.length - 1, _caller(AUTHORITY, seed >> 32));
    }

    function issueAgain(uint256 seed) public {
        if (stored.length != 0) _issue(seed % stored.length, _caller(AUTHORITY, seed >> 32));
    }

    function moveRange(uint256 seed) public {
        (BatchId batch, uint32 start, uint32 end) = _range(seed, State.Held, Liking.Any);
        address caller = _caller(AUTHORITY, seed >> 64);
        address to = (seed >> 96) % 8 == 0 ? STRANGER : accounts[(seed >> 96) % accounts.length];
        bool known = to != STRANGER && (to != OTHER_OWNER || operators[to] != address(0));
        bool allowed = caller == AUTHORITY && known && _is(batch, start, end, State.Held);
        bytes memory data = abi.encodeCall(Certificates.move, (batch, start, end, to, BASIS));
        if (_call(address(certificates), caller, data, allowed, "move")) {
            _give(batch, start, end, to, State.Held, false);
        }
    }

    function listRange(uint256 seed) public {
        (BatchId batch, uint32 start, uint32 end) = _range(seed, State.Held, Liking.Salable);
        address owner = _ownerAt(batch, start);
        address caller = _caller(operators[owner], seed >> 64);
        uint64 platforms = uint64((seed >> 96) % 8 == 0 ? 4 : 1 + (seed >> 96) % 3);
        bool allowed = platforms < 4 && _is(batch, start, end, State.Held) && _mayAct(owner, caller)
            && batch.tradable() && !ledger[batch][start].traded && !_expired(batch);
        bytes memory data = abi.encodeCall(Market.list, (batch, start, end, 300, platforms));
        if (!_call(address(market), caller, data, allowed, "list")) return;
        (uint128 listing,) = market.latest();
        listings.push(listing);
        _give(batch, start, end, owner, State.Listed, false);
    }

    function withdrawListing(uint256 seed) public {
        if (listings.length == 0) return;
        uint256 at = seed % listings.length;
        uint256 id = listings[at];
        Listing memory listing = market.listingOf(id);
        bool exists = listing.end != 0;
        address owner = exists ? _ownerAt(listing.batch, listing.start) : OWNER;
        address caller = _caller((seed >> 32) % 4 == 0 ? AUTHORITY : operators[owner], seed >> 64);
        bool allowed = exists && (_mayAct(owner, caller) || caller == AUTHORITY || _expired(listing.batch));
        bytes memory data = abi.encodeCall(Market.withdraw, (id));
        if (_call(address(market), caller, data, allowed, "withdraw")) {
            _give(listing.batch, listing.start, listing.end, owner, State.Held, false);
            _drop(at);
        }
    }

    function takeListing(uint256 seed) public {
        if (listings.length == 0) return;
        uint256 at = seed % listings.length;
        uint256 id = listings[at];
        Listing memory listing = market.listingOf(id);
        bool second = (seed >> 32) % 2 == 1;
        address platform = second ? OTHER_PLATFORM_ACCOUNT : PLATFORM_ACCOUNT;
        address caller = _caller(operators[platform], seed >> 64);
        address buyer = accounts[(seed >> 96) % accounts.length];
        uint32 quantity = uint32((seed >> 128) % (uint256(listing.end) - listing.start + 2));
        bool allowed = (caller == PLATFORM_KEY || caller == OTHER_PLATFORM_KEY) && _mayAct(platform, caller)
            && quantity != 0 && quantity <= listing.end - listing.start && listing.platforms & (second ? 2 : 1) != 0
            && !frozen[buyer] && !_expired(listing.batch);
        if (allowed) {
            address seller = _ownerAt(listing.batch, listing.start);
            allowed = seller != buyer && !frozen[seller];
        }
        bytes memory data = abi.encodeCall(Market.take, (id, quantity, buyer, platform));
        if (!_call(address(market), caller, data, allowed, "take")) return;
        _give(listing.batch, listing.start, listing.start + quantity, buyer, State.Held, true);
        if (listing.start + quantity == listing.end) _drop(at);
    }

    function freezeRange(uint256 seed, bool freezes) public {
        (BatchId batch, uint32 start, uint32 end) = _range(seed, freezes ? State.Held : State.Frozen, Liking.Any);
        address caller = _caller(AUTHORITY, seed >> 64);
        bool allowed = caller == AUTHORITY && _is(batch, start, end, freezes ? State.Held : State.Frozen);
        bytes memory data = freezes
            ? abi.encodeCall(Certificates.freeze, (batch, start, end, BASIS))
            : abi.encodeCall(Certificates.unfreeze, (batch, start, end, BASIS));
        if (_call(address(certificates), caller, data, allowed, freezes ? "freeze" : "unfreeze")) {
            _give(batch, start, end, _ownerAt(batch, start), freezes ? State.Frozen : State.Held, false);
        }
    }

    function retireRange(uint256 seed) public {
        (BatchId batch, uint32 start, uint32 end) = _range(seed, State.Held, Liking.Any);
        address owner = _ownerAt(batch, start);
        address caller = _caller(operators[owner], seed >> 64);
        Claim memory claim = claimOf();
        claim.purpose = uint8((seed >> 96) % 9);
        bool allowed = claim.purpose != 0 && claim.purpose < 8 && _is(batch, start, end, State.Held)
            && _mayAct(owner, caller) && !_expired(batch);
        bytes memory data = abi.encodeCall(Certificates.retire, (batch, start, end, claim));
        if (_call(address(certificates), caller, data, allowed, "retire")) _retire(batch, start, end);
    }

    function expireRange(uint256 seed) public {
        (BatchId batch, uint32 start, uint32 end) = _range(seed, State.Held, Liking.Expired);
        bool allowed = _is(batch, start, end, State.Held) && _expired(batch);
        bytes memory data = abi.encodeCall(Certificates.expire, (batch, start, end));
        if (_call(address(certificates), _caller(STRANGER, seed >> 64), data, allowed, "expire")) {
            _retire(batch, start, end);
        }
    }

    function freezeAccount(uint256 seed, bool freezes) public {
        address account = accounts[seed % accounts.length];
        address caller = _caller(AUTHORITY, seed >> 64);
        bytes memory data = abi.encodeCall(Registry.setFrozen, (account, freezes, ""));
        if (_call(address(registry), caller, data, caller == AUTHORITY, "freeze account")) frozen[account] = freezes;
    }

    /// @notice What only contracts may call, and what nobody may, as anybody else.
    function callAround(uint256 seed) public {
        (BatchId batch, uint32 start, uint32 end) = _range(seed, State.Held, Liking.Any);
        address caller = callers[(seed >> 64) % (callers.length - 2)];
        uint256 which = (seed >> 96) % 5;
        address target = which == 3 ? address(readings) : address(certificates);
        bytes memory data;
        if (which == 0) data = abi.encodeCall(Certificates.list, (batch, start, end, operators[OWNER]));
        else if (which == 1) data = abi.encodeCall(Certificates.unlist, (batch, start, end));
        else if (which == 2) data = abi.encodeCall(Certificates.trade, (batch, start, end, BUYER));
        else if (which == 3) data = abi.encodeCall(Readings.draw, (1, 0, type(uint256).max));
        else data = abi.encodeCall(Certificates.transferFrom, (OWNER, BUYER, batch.tokenId(start)));
        _call(target, caller, data, false, "around the rules");
    }

    function passTime(uint256 seed) public {
        vm.warp(block.timestamp + seed % 4 days);
    }

    /* FORESIGHT */

    function _issue(uint256 index, address caller) private {
        Stored storage commitment = stored[index];
        Leaf[] memory leaves = leavesOf[index];
        uint256 foreseen = 0;
        // A leaf can depend on one before it in the chunk, so the model takes each as it would be issued.
        for (uint256 i = 0; i < leaves.length && caller == AUTHORITY; ++i) {
            if (commitment.drawn >> i & 1 == 1 || !_issuable(leaves[i], commitment.month)) continue;
            foreseen |= 1 << i;
            _book(leaves[i], commitment.month);
        }
        bytes memory data =
            abi.encodeCall(Certificates.issue, (commitment.id, 0, leaves, Trees.proof(leaves, 0)));
        if (!_call(address(certificates), caller, data, foreseen != 0, "issue")) return;
        commitment.drawn |= foreseen;
        if (readings.drawn(commitment.id, 0) != commitment.drawn) violation = "other leaves were issued";
    }

    function _issuable(Leaf leaf, Month month) private view returns (bool) {
        ProjectId project = leaf.project();
        address owner = owners[project];
        if (owner == address(0) || frozen[owner] || leaf.electricityBits() > 3) return false;
        if (project.technology() == Technology.PumpedStorage) return false;
        Lane storage lane = lanes[ProjectId.unwrap(project)][leaf.electricityBits()];
        uint256 number = Month.unwrap(month);
        return !lane.months[number] && (lane.latest < 32 || number > lane.latest - 32);
    }

    function _book(Leaf leaf, Month month) private {
        ProjectId project = leaf.project();
        uint256 electricity = leaf.electricityBits();
        Lane storage lane = lanes[ProjectId.unwrap(project)][electricity];
        uint256 count = (lane.metered + leaf.wattHours()) / CERTIFICATE - lane.issued;
        lane.metered += leaf.wattHours();
        lane.issued += count;
        lane.months[Month.unwrap(month)] = true;
        if (Month.unwrap(month) > lane.latest) lane.latest = Month.unwrap(month);
        if (count == 0) return;

        bool hydro = project.technology() == Technology.Hydro;
        bool provincial = electricity == 3 || (hydro && electricity == 0);
        address holder = provincial ? PROVINCE_ACCOUNT : owners[project];
        BatchId batch = BatchIdLibrary.make(project, month, Electricity(electricity), electricity == 0 && !hydro);
        if (ledger[batch].length != 0) violation = "a batch was issued twice";
        batches.push(batch);
        for (uint256 i = 0; i < count; ++i) {
            ledger[batch].push(Certificate(holder, State.Held, false, 0, i == 0));
        }
        held[holder] += count;
        issued += count;
    }

    function _is(BatchId batch, uint32 start, uint32 end, State state) private view returns (bool) {
        if (start >= end || end > ledger[batch].length || ledger[batch][start].state != state) return false;
        for (uint256 i = start + 1; i < end; ++i) {
            if (ledger[batch][i].begins) return false;
        }
        return true;
    }

    function _mayAct(address account, address caller) private view returns (bool) {
        return caller != address(0) && operators[account] == caller && !frozen[account];
    }

    function _expired(BatchId batch) private view returns (bool) {
        return block.timestamp >= batch.month().expiresAt();
    }

    function _ownerAt(BatchId batch, uint32 serial) private view returns (address) {
        return serial < ledger[batch].length ? ledger[batch][serial].owner : OWNER;
    }

    /* EFFECTS */

    function _give(BatchId batch, uint32 start, uint32 end, address owner, State state, bool trades) private {
        _cut(batch, start, end);
        for (uint256 i = start; i < end; ++i) {
            Certificate storage certificate = ledger[batch][i];
            --held[certificate.owner];
            ++held[owner];
            (certificate.owner, certificate.state) = (owner, state);
            if (trades) (certificate.traded, certificate.trades) = (true, certificate.trades + 1);
            if (certificate.trades > 1) violation = "a certificate was traded twice";
        }
    }

    function _retire(BatchId batch, uint32 start, uint32 end) private {
        _cut(batch, start, end);
        for (uint256 i = start; i < end; ++i) {
            --held[ledger[batch][i].owner];
            ledger[batch][i].state = State.Retired;
        }
        retired += end - start;
    }

    function _cut(BatchId batch, uint32 start, uint32 end) private {
        ledger[batch][start].begins = true;
        if (end < ledger[batch].length) ledger[batch][end].begins = true;
    }

    /// @dev What was traded already is as good as salable now and then, for it must not be sold again (I5).
    function _isLiked(BatchId batch, uint32 serial, Liking liking) private view returns (bool) {
        if (liking == Liking.Expired) return _expired(batch);
        if (liking == Liking.Any) return true;
        return batch.tradable() && !_expired(batch) && (!ledger[batch][serial].traded || serial % 2 == 0);
    }

    /// @dev Of the listings that are gone every eighth stays, so that what is gone is asked for too.
    function _drop(uint256 at) private {
        if (listings[at] % 8 == 0) return;
        listings[at] = listings[listings.length - 1];
        listings.pop();
    }

    function _call(address target, address caller, bytes memory data, bool allowed, string memory kind)
        private
        returns (bool done)
    {
        vm.prank(caller);
        (done,) = target.call(data);
        if (done != allowed) violation = string.concat(done ? "must not succeed: " : "must succeed: ", kind);
        if (done) ++successes[kind];
        else ++refusals[kind];
    }

    /* CHOICES */

    function _caller(address proper, uint256 seed) private view returns (address) {
        return seed % 5 != 0 && proper != address(0) ? proper : callers[(seed >> 8) % callers.length];
    }

    /// @dev Mostly a part of one segment in the state that is looked for; sometimes any two numbers in any batch.
    function _range(uint256 seed, State wanted, Liking liking)
        private
        view
        returns (BatchId batch, uint32 start, uint32 end)
    {
        if (batches.length == 0) return (batchOf(windOf(1)), 0, 1);
        uint256 count;
        for (uint256 tries = 0; tries < 8; ++tries) {
            seed = _next(seed);
            batch = batches[seed % batches.length];
            count = ledger[batch].length;
            start = uint32((seed >> 16) % count);
            if (ledger[batch][start].state == wanted && _isLiked(batch, start, liking)) break;
        }
        if ((seed >> 32) % 8 == 0) return (batch, start, uint32((seed >> 40) % (count + 2)));
        uint256 last = start + 1;
        while (last < count && !ledger[batch][last].begins) ++last;
        end = uint32((seed >> 48) % 2 == 0 ? last : bound(seed >> 56, start + 1, last));
    }

    /// @dev On-grid half of the time; 4 is none.
    function _electricity(uint256 seed) private pure returns (uint256) {
        return seed % 2 == 0 ? 0 : (seed >> 8) % 5;
    }

    function _next(uint256 seed) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed)));
    }

    /* WHAT MUST HOLD */

    /// @notice I2 and the ledger: segments cover each batch without overlap, and every certificate is as foreseen.
    function checkSegments() external view {
        for (uint256 b = 0; b < batches.length; ++b) {
            Certificate[] storage certificates_ = ledger[batches[b]];
            assertEq(certificates.batchOf(batches[b]).count, certificates_.length, "count");
            uint32 at = 0;
            while (at < certificates_.length) at = _checkSegment(batches[b], at);
            assertEq(at, certificates_.length, "segments end with the batch");
        }
    }

    function _checkSegment(BatchId batch, uint32 at) private view returns (uint32 end) {
        uint32 start;
        address owner;
        State state;
        bool traded;
        (start, end, owner, state, traded) = certificates.segmentAt(batch, at);
        assertEq(start, at, "segments are disjoint and without gaps");
        assertTrue(end > start, "a segment has certificates");
        for (uint256 i = start; i < end; ++i) {
            Certificate storage certificate = ledger[batch][i];
            assertEq(certificate.owner, owner, "owner");
            assertEq(uint256(certificate.state), uint256(state), "state");
            assertEq(certificate.traded, traded, "traded");
            assertTrue(!certificate.begins || i == start, "a cut begins a segment");
        }
        (uint32 start_,,,,) = certificates.segmentAt(batch, end - 1);
        assertEq(start_, start, "the last certificate of a segment is in it");
    }

    /// @notice I3: issued = held + retired, for each account and in total.
    function checkBalances() external view {
        uint256 total = 0;
        for (uint256 i = 0; i < accounts.length; ++i) {
            uint256 balance = certificates.balanceOf(accounts[i]);
            assertEq(balance, held[accounts[i]], "balance");
            total += balance;
        }
        assertEq(certificates.issuedTotal(), issued, "issued in total");
        assertEq(total + retired, issued, "held and retired");
    }

    /// @notice I4: metered = 1,000,000 Wh a certificate + carry, for each lane.
    function checkEnergy() external view {
        for (uint256 p = 0; p < projects.length; ++p) {
            for (uint8 electricity = 0; electricity < 4; ++electricity) {
                Lane storage lane = lanes[ProjectId.unwrap(projects[p])][electricity];
                uint256 carry = certificates.laneOf(projects[p], electricity).carry();
                assertEq(lane.metered, CERTIFICATE * lane.issued + carry, "metered energy");
            }
        }
    }
}
