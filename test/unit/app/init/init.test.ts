import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../../src/app/doctor/doctor.ts';
import { readEnvironment } from '../../../../src/app/environment.ts';
import { init } from '../../../../src/app/init/init.ts';
import { systemdUnit } from '../../../../src/app/init/systemd-unit.ts';
import { temporaryFolder } from '../../../support/temp-folder.ts';

const SHIPPED = join(import.meta.dirname, '../../../../configs');

/** Runs the command without a terminal; what it printed and its exit code. */
async function run(folder: string, ...flags: string[]): Promise<{ code: number; out: string }> {
  let out = '';
  const write = (text: string | Uint8Array): boolean => {
    out += String(text);
    return true;
  };
  return { code: await init(['--dir', folder, ...flags], { write, isTTY: false }), out };
}

function read(folder: string, path: string): string {
  return readFileSync(join(folder, path), 'utf8');
}

describe('init', () => {
  it('writes the shipped configuration, a private .env and a unit, and the doctor finds nothing', async () => {
    const folder = temporaryFolder();

    expect((await run(folder, '--yes')).code).toBe(0);
    for (const name of readdirSync(SHIPPED).filter((file) => file.endsWith('.json'))) {
      expect(read(folder, `configs/${name}`)).toBe(readFileSync(join(SHIPPED, name), 'utf8'));
    }
    expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
    expect(read(folder, 'nightshift.service')).toContain(`WorkingDirectory=${folder}`);
    const { lines } = await diagnose(readEnvironment({ NIGHTSHIFT_PORT: '0' }, folder), folder);
    expect(lines.filter(({ state, name }) => state === 'finding' && name !== 'clock')).toEqual([]);
  });

  it('puts the answers of the flags where they belong', async () => {
    const folder = temporaryFolder();
    const shop = 'shop=http://127.0.0.1:3000/health';

    const flags = ['--mode', 'production', '--timezone', 'Europe/Berlin', '--slack-channel', 'C024BE91L'];
    expect((await run(folder, ...flags, '--service', 'shop', '--service', shop)).code).toBe(0);
    expect(JSON.parse(read(folder, 'configs/bot.json'))).toMatchObject({
      mode: 'production',
      timezone: 'Europe/Berlin',
    });
    expect(JSON.parse(read(folder, 'configs/targets.json'))).toMatchObject({
      targets: [{ name: 'shop', kind: 'systemd', unit: 'shop' }],
    });
    expect(JSON.parse(read(folder, 'configs/anomaly_detection_config.json'))).toMatchObject({
      probes: [{ name: 'shop', url: 'http://127.0.0.1:3000/health', target: 'shop' }],
    });
    expect(read(folder, '.env')).toMatch(/^SLACK_CHANNEL_ID=C024BE91L$/m);
  });

  it('changes nothing the second time', async () => {
    const folder = temporaryFolder();
    await run(folder, '--mode', 'production', '--discord-channel', '123456789');
    const before = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();

    const again = await run(folder, '--mode', 'production', '--discord-channel', '123456789', '--json');
    expect(JSON.parse(again.out)).toMatchObject({ ok: true, data: { written: [], left: [], kept: [] } });
    expect(readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()).toEqual(before);
  });

  it('leaves a file that is there and says so; --force replaces it and keeps the old one', async () => {
    const folder = temporaryFolder();
    await run(folder, '--yes');
    writeFileSync(join(folder, 'configs/bot.json'), '{"mode":"dry-run"}');
    writeFileSync(join(folder, '.env'), 'SLACK_CHANNEL_ID=C9\n');

    const left = await run(folder, '--slack-channel', 'C1');
    expect(left.out).toContain('Left as they are (--force replaces them): configs/bot.json');
    expect(left.out).toContain('Values left in .env: SLACK_CHANNEL_ID');
    expect(read(folder, 'configs/bot.json')).toBe('{"mode":"dry-run"}');

    await run(folder, '--slack-channel', 'C1', '--force');
    expect(read(folder, 'configs/bot.json')).toBe(readFileSync(join(SHIPPED, 'bot.json'), 'utf8'));
    expect(read(folder, 'configs/bot.json.bak')).toBe('{"mode":"dry-run"}');
    expect(read(folder, '.env')).toMatch(/^SLACK_CHANNEL_ID=C9$/m);
  });

  it('ends with 2 over a configuration with faults that it left', async () => {
    const folder = temporaryFolder();
    await run(folder, '--yes');
    writeFileSync(join(folder, 'configs/bot.json'), '{"mode":"prod"}');

    const { code, out } = await run(folder, '--yes');
    expect(code).toBe(2);
    expect(out).toContain('bot.json: mode: expected');
  });

  it.each([
    ['--mode', 'prod'],
    ['--timezone', 'Mars/Base'],
    ['--slack-channel', '#ops'],
    ['--service', 'shop=ftp://x'],
    ['--service', 'a b'],
    ['--whatever'],
    [],
  ])('refuses %s %s and writes nothing', async (...flags) => {
    const folder = temporaryFolder();

    expect((await run(folder, ...flags)).code).toBe(2);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says in at most eight lines what comes next', async () => {
    const { out } = await run(temporaryFolder(), '--yes');

    expect(out.slice(out.indexOf('Next, in')).trimEnd().split('\n').length).toBeLessThanOrEqual(8);
  });
});

describe('systemdUnit', () => {
  it('is a unit that systemd takes, also for a folder with odd signs in its name', () => {
    const folder = join(temporaryFolder(), 'night shift 100%');
    const text = systemdUnit({
      folder,
      node: process.execPath,
      main: '/opt/night shift/$x/main.js',
      user: 'root',
    });

    expect(text).toMatch(/^Type=notify$/m);
    expect(text).toMatch(/^WatchdogSec=60$/m);
    expect(text).toContain('100%%/data"');
    expect(text).toContain('"/opt/night shift/$$x/main.js" start');
    if (!existsSync('/usr/bin/systemd-analyze')) return;
    const file = join(temporaryFolder(), 'nightshift.service');
    writeFileSync(file, text);
    const { stderr } = spawnSync('/usr/bin/systemd-analyze', ['verify', '--recursive-errors=no', file], {
      encoding: 'utf8',
    });
    const said = stderr.split('\n').filter((line) => line.includes('nightshift.service'));
    // Known from systemd 253 on; older ones say so and go on.
    expect(said.filter((line) => !line.includes("Unknown key 'OpenFile'"))).toEqual([]);
  });
});
