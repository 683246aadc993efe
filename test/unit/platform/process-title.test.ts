import { describe, expect, it } from 'vitest';
import { parseCommandLine, processTitle } from '../../../src/platform/process-title.ts';

describe('processTitle', () => {
  it.each([
    [
      'node',
      ['/usr/bin/node', '--enable-source-maps', '/srv/shop/server.mjs', '--key', 's3cret'],
      'node server.mjs',
    ],
    ['node', ['node', '--import', 'tsx', 'src/main.ts'], 'node main.ts'],
    ['MainThread', ['node', 'worker.js'], 'node worker.js'],
    ['python3', ['python3', '-m', 'http.server'], 'python3 http.server'],
    ['java', ['java', '-Xmx1g', '-jar', '/opt/app/billing.jar'], 'java billing.jar'],
    ['bash', ['bash', '-c', 'curl https://user:pass@host'], 'bash'],
    ['stress-ng-cpu', ['stress-ng-cpu [run]'], 'stress-ng-cpu'],
    ['prometheus-node', ['/usr/bin/prometheus-node-exporter', '--web'], 'prometheus-node-exporter'],
    ['postgres', ['postgres: shop shop [local] SELECT'], 'postgres'],
    ['kworker/0:1', [], 'kworker/0:1'],
  ])('calls %s by what it runs and takes nothing else from its command line', (name, argv, title) => {
    expect(processTitle(name, argv)).toBe(title);
  });
});

describe('parseCommandLine', () => {
  it('splits at the NULs and knows nothing of what it cannot see', () => {
    expect(parseCommandLine('node\0a b.mjs\0')).toEqual(['node', 'a b.mjs']);
    expect(processTitle('node', parseCommandLine(''))).toBe('node');
  });
});
