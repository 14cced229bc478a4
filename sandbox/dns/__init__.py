"""DNS for the sandbox: the name servers of the hosted zones, and a recursive resolver."""

from sandbox.dns.servers import DnsAddresses, DnsServers, serve_dns

__all__ = ["DnsAddresses", "DnsServers", "serve_dns"]
