/**
 * Loaded before the app (`--import`): the host crm.example, which the app finds and checks as an address of the public
 * internet, is in truth on this machine. The app's own check and its TLS stay as they are.
 */
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const host = 'crm.example';
/** Within the public 2000::/3, and allocated to nobody. */
const shown = '2fff::1';
const actual = '127.0.0.1';

const { lookup } = dns.promises;
dns.promises.lookup = (async (name: string, options: object) =>
  name === host ? [{ address: shown, family: 6 }] : lookup(name, options)) as typeof lookup;

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (this: net.Socket, ...given: unknown[]) {
  const [first] = given;
  const options = (Array.isArray(first) ? first[0] : first) as net.TcpSocketConnectOpts | undefined;
  if (options?.host === host) {
    options.lookup = (_name, { all }, callback) => {
      if (all) callback(null, [{ address: actual, family: 4 }]);
      else callback(null, actual, 4);
    };
  }
  return Reflect.apply(connect, this, given);
} as typeof connect;

syncBuiltinESMExports();
