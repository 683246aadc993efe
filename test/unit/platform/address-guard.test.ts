import { describe, expect, it } from 'vitest';
import { isPrivateAddress, isPrivateHost, publicNames } from '../../../src/platform/address-guard.ts';

describe('isPrivateAddress', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '0.0.0.0',
    '100.64.0.1',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    'nonsense',
  ])('keeps %s inside', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });

  it.each(['93.184.216.34', '172.32.0.1', '8.8.8.8', '2606:2800:220:1::1', '::ffff:8.8.8.8'])(
    'lets %s through',
    (address) => {
      expect(isPrivateAddress(address)).toBe(false);
    },
  );
});

describe('isPrivateHost', () => {
  it.each(['localhost', 'a.localhost', '[::1]', '127.0.0.1', 'nas.local', 'metadata.internal'])(
    'refuses %s',
    (host) => {
      expect(isPrivateHost(host)).toBe(true);
    },
  );
  it('leaves names to the look-up', () => {
    expect(isPrivateHost('hooks.example.com')).toBe(false);
  });
});

describe('publicNames', () => {
  const names = (address: string): ReturnType<typeof publicNames> =>
    publicNames({
      find: async () => [
        { address: '8.8.8.8', family: 4 },
        { address, family: 4 },
      ],
    });

  it('refuses a name when one of its addresses is inside', async () => {
    await expect(names('10.0.0.1').find('evil.example')).rejects.toMatchObject({ code: 'EPRIVATE' });
    await expect(names('9.9.9.9').find('fine.example')).resolves.toHaveLength(2);
  });
});
