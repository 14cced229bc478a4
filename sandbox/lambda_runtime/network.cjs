/**
 * The network of a Node process in the sandbox, put under its sockets before its program starts (node --require).
 *
 * As sitecustomize.py does it for Python: names are resolved by the sandbox's resolver, the real ports lead to its
 * unprivileged ones, and what runs inside a Region calls from that Region's address and reaches nothing but the sandbox.
 * The environment's variables are the same. For what connects through net, as http, https, tls and fetch do.
 */

"use strict";

const { Resolver } = require("node:dns");
const net = require("node:net");

const PORTS = new Map([[443, 8443], [80, 8080]]);
const prefix = process.env.SANDBOX_NETWORK;

if (prefix) {
  const inside = process.env.SANDBOX_INSIDE;
  const number = (process.env.SANDBOX_REGIONS ?? "").split(",").indexOf(inside) + 1;
  const source = inside ? `${prefix}.${number}.2` : undefined;
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  resolver.setServers([`${prefix}.0.53:5353`]);
  if (source) resolver.setLocalAddress(source);

  const lookup = (name, options, answered) => {
    resolver.resolve4(name, (error, addresses) => {
      if (error) answered(error);
      else if (options.all) answered(null, addresses.map((address) => ({ address, family: 4 })));
      else answered(null, addresses[0], 4);
    });
  };

  const routed = (options) => {
    const host = options.host ?? "localhost";
    if (options.path || host === "localhost") return options;
    const elsewhere = net.isIP(host) && !host.startsWith(`${prefix}.`);
    if (elsewhere && source) throw new Error(`${host} is not in the sandbox, and nothing else can be reached`);
    if (elsewhere) return options;
    const port = PORTS.get(Number(options.port)) ?? options.port;
    return { ...options, port, lookup, ...(source && { localAddress: source }) };
  };

  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function connectInTheSandbox(...args) {
    // net.connect hands over what it has understood of its arguments in an array, to which it has tied a mark.
    if (Array.isArray(args[0])) args[0][0] = routed(args[0][0]);
    else if (typeof args[0] === "object") args[0] = routed(args[0]);
    else if (typeof args[1] === "string") args[0] = routed({ port: args[0], host: args.splice(1, 1)[0] });
    return connect.apply(this, args);
  };
}
