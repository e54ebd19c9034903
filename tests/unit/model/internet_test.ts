import assert from "node:assert/strict";
import fc from "fast-check";
import { readPack } from "openclaw-pack";
import { stringify } from "yaml";
import { contains, parseCidr } from "../../../src/values/cidr.ts";
import { internet } from "../../../src/model/internet.ts";
import { packInput } from "../../support/arbitraries.ts";

const internetOf = (cluster: object) => internet(readPack(stringify({ cluster })).config);
const within = (outer: string, inner: string) => {
  const [whole, part] = [parseCidr(outer), parseCidr(inner)];
  assert.ok(whole !== undefined && part !== undefined);
  return contains(whole, part);
};

Deno.test("by default the internet is both families without the ranges that are never public", () => {
  assert.deepEqual(internetOf({}), [
    {
      cidr: "0.0.0.0/0",
      except: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "127.0.0.0/8"],
    },
    { cidr: "::/0", except: ["fc00::/7", "fe80::/10", "64:ff9b::/96", "64:ff9b:1::/48"] },
  ]);
});

Deno.test("the networks of pack.yaml are also excluded, each from its family", () => {
  const [ipv4, ipv6] = internetOf({
    podCidrs: ["203.0.113.0/24"],
    serviceCidrs: ["2001:db8::/32"],
    blockedCidrs: ["198.51.100.7/32"],
  });
  assert.deepEqual(ipv4?.except.slice(-2), ["203.0.113.0/24", "198.51.100.7/32"]);
  assert.deepEqual(ipv6?.except.slice(-1), ["2001:db8::/32"]);
});

Deno.test("a network inside another and a repeated network are not listed again", () => {
  const [ipv4] = internetOf({ blockedCidrs: ["160.1.0.0/16", "160.0.0.0/4", "160.2.0.0/16", "160.0.0.0/4"] });
  assert.deepEqual(ipv4?.except.slice(-2), ["127.0.0.0/8", "160.0.0.0/4"]);
});

Deno.test("a family that is entirely blocked has no block: Kubernetes requires an exception to be smaller than its block", () => {
  assert.deepEqual(internetOf({ blockedCidrs: ["::/0"] }).map(({ cidr }) => cidr), ["0.0.0.0/0"]);
});

Deno.test("with any blocked networks, Kubernetes accepts every block, and no blocked network is reachable", () => {
  fc.assert(
    fc.property(packInput, (input) => {
      const { config } = readPack(stringify(input));
      const { podCidrs, serviceCidrs, blockedCidrs } = config.cluster;
      const blocks = internet(config);
      for (const { cidr, except } of blocks) {
        for (const exception of except) assert.ok(exception !== cidr && within(cidr, exception));
        for (const [index, one] of except.entries()) {
          assert.ok(!except.some((other, place) => place !== index && within(other, one)), `${one} twice`);
        }
      }
      // A blocked network is inside an exception, or its family has no block.
      for (
        const network of [...podCidrs, ...serviceCidrs, ...blockedCidrs, "169.254.169.254/32", "fd00:ec2::254/128"]
      ) {
        const block = blocks.find(({ cidr }) => within(cidr, network));
        assert.ok(block?.except.some((exception) => within(exception, network)) ?? true, `${network} is reachable`);
      }
    }),
    { numRuns: 60 },
  );
});
