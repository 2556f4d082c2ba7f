import { isIPv6 } from 'node:net';

const mapped = /^::ffff:(?<v4>\d+\.\d+\.\d+\.\d+)$/iu;
const networkGroups = 4;

/**
 * The network that an address stands for: of version 6 the first 64 bits, of which one customer has at least as many addresses as
 * there are; of version 4 the address itself, in whichever way it is written.
 */
export function networkOf(address: string): string {
  const v4 = mapped.exec(address)?.groups?.['v4'];
  if (v4 !== undefined) return v4;
  const [withoutZone = ''] = address.split('%');
  if (!isIPv6(withoutZone)) return address;
  const [before = '', after = ''] = withoutZone.toLowerCase().split('::');
  const [front, back] = [groupsOf(before), groupsOf(after)];
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0');
  const groups = [...front, ...(withoutZone.includes('::') ? zeros : []), ...back];
  return `${groups.slice(0, networkGroups).join(':')}::/64`;
}

/** The groups without leading zeros; an address of version 4 at the end is two of them. */
function groupsOf(text: string): string[] {
  if (text === '') return [];
  return text
    .split(':')
    .flatMap((group) => (group.includes('.') ? ['v4', 'v4'] : [group.replace(/^0+(?=.)/u, '')]));
}
