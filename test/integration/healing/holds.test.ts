/** Who else has a hand on a target: a person who stopped it, a supervisor that restarts it. Both are respected, and said. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { minutes, ms, seconds } from '../../../src/domain/units.ts';
import { createWorld, type World } from '../../support/healing-world.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

const DAEMON = 77;
const SERVICE_DOWN = {
  name: 'service_down',
  match: { kinds: ['service_down'] },
  actions: ['restart_service'],
};

interface Scene {
  readonly world: World;
  readonly restarts: () => number;
  /** Of the app, as `pm2 ls` has it from now on. */
  status: string;
}

/** A pm2 with one app that has no process, and what its log says of that. */
async function sceneOf(status: string, log: string): Promise<Scene> {
  const home = join(temporaryFolder(), '.pm2');
  mkdirSync(join(home, 'pids'), { recursive: true });
  writeFileSync(join(home, 'pm2.pid'), String(DAEMON));
  writeFileSync(join(home, 'pm2.log'), log);
  const world = createWorld({
    targets: [{ name: 'web', kind: 'pm2', app: 'web', home, program: process.execPath }],
    workers: [],
    healing: { strategies: [SERVICE_DOWN] },
    startOf: (pid) => (pid === DAEMON ? 1 : null),
  });
  const scene: Scene = {
    world,
    status,
    restarts: () => world.commands.calls.filter(({ argv }) => argv.includes('restart')).length,
  };
  world.onCommand = (argv) => ({
    kind: 'exited',
    code: 0,
    output: argv.includes('ls') ? `+--- web\nstatus : ${scene.status}\n` : '',
    took: ms(1),
  });
  await world.boot();
  await world.look();
  return scene;
}

const sicken = ({ world }: Scene) => world.sicken({ target: 'web', kind: 'service_down' });

describe('a target that a person stopped', () => {
  it('is left alone, and the reason is in the incident and in the log', async () => {
    const scene = await sceneOf('stopped', 'App [web:0] online\nStopping app:web id:0\n');
    await sicken(scene);
    await scene.world.advance(minutes(9));
    expect(scene.restarts()).toBe(0);
    const reason = 'web was stopped by somebody; it stays so until a person starts it';
    expect(scene.world.only().state).toMatchObject({ kind: 'held', gate: 'interlock', reason });
    expect(
      scene.world
        .lines('refusal')
        .map(({ text }) => text)
        .join(),
    ).toContain(reason);
  });

  it('is also left alone when nobody saw how it ended', async () => {
    const scene = await sceneOf('stopped', '');
    await sicken(scene);
    await scene.world.advance(minutes(9));
    expect(scene.restarts()).toBe(0);
    expect(scene.world.only().state).toMatchObject({ gate: 'interlock' });
  });
});

describe('a target that something else restarts', () => {
  it('gets one cycle of that, and is healed when it is over', async () => {
    const scene = await sceneOf('waiting restart', '');
    await sicken(scene);
    expect(scene.world.only().state).toMatchObject({
      kind: 'held',
      gate: 'interlock',
      reason: 'pm2 (web) restarts it itself; it gets 20 s for that',
    });
    await scene.world.advance(seconds(10));
    expect(scene.restarts()).toBe(0);
    await scene.world.advance(seconds(15));
    await scene.world.look();
    await scene.world.advance(seconds(35));
    expect(scene.restarts()).toBe(1);
  });

  it('is healed at once where that has given up', async () => {
    const scene = await sceneOf('errored', '');
    await sicken(scene);
    await scene.world.advance(seconds(5));
    expect(scene.restarts()).toBe(1);
  });

  it('is healed at once where it ended on its own and nobody restarts it', async () => {
    const scene = await sceneOf('stopped', 'App [web:0] online\nApp [web:0] exited with code [3]\n');
    await sicken(scene);
    await scene.world.advance(seconds(5));
    expect(scene.restarts()).toBe(1);
  });
});
