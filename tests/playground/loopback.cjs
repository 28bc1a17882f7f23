// Preloaded into the Agents Playground, which would listen on every address of the machine: here it listens on loopback only.
"use strict";
const net = require("node:net");

const listen = net.Server.prototype.listen;

net.Server.prototype.listen = function (first, ...rest) {
  if (first !== null && typeof first === "object") return listen.call(this, { ...first, host: "127.0.0.1" }, ...rest);
  return listen.call(this, { port: Number(first), host: "127.0.0.1" }, ...rest.filter((value) => typeof value === "function"));
};
