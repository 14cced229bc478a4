"""DNS for the sandbox: the name servers of its hosted zones, and a resolver that knows them and its services."""

from sandbox.dns.servers import DnsAddresses, DnsServers, serve_dns

__all__ = ["DnsAddresses", "DnsServers", "serve_dns"]
