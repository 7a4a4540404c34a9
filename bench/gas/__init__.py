"""What our entry points cost beside those of other certificate and token contracts, for 1 to 1,000,000 certificates.

Every figure is the `gasUsed` of real transactions on a throw-away anvil: base fee and calldata included, refunds
deducted. Each is taken "from the second time on": issuer, holder and receiver have certificates already, so no figure
pays for an account's first slot. The chain's clock is set to one date, so the figures are the same on each day.

The peers get the most favourable form we could write. The ERC-721 contracts in `contracts/` issue, move and burn in a
loop inside one transaction, which spares them 21,000 gas a certificate; they know no month, meter, claim or expiry.
Energy Web's issuer stands without the proxy that it has in production; its certificate is an amount without serials.
Where a loop grows too long it is measured at two smaller sizes, continued in a straight line and marked so.

Peers and licences (npm, in bench/ alone, nothing of it is part of the product): @energyweb/issuer 7.0.1, MIT (its
published bytecode); @openzeppelin/contracts 5.4.0, MIT; erc721a 4.3.0, MIT by its licence file and ISC by its package;
solady 0.1.26, MIT. The last three are compiled with our compiler and settings. T-REX (ERC-3643) is GPL-3: left out.
"""
