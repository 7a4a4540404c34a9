"""Everything that speaks to a chain: reader, writer, ABI, deployment, embedded node. The only importers of web3."""
