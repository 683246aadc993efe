/** The drill of the built product, as a person would run it, with its figures as it prints them. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

export async function drill(built: string, repeat: number, scratch: string): Promise<void> {
  const folder = join(scratch, 'drill');
  mkdirSync(join(folder, 'configs'), { recursive: true });
  const child = spawn(
    process.execPath,
    [join(built, 'main.js'), 'drill', 'run', '--repeat', String(repeat)],
    {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        NIGHTSHIFT_CONFIG_DIR: join(folder, 'configs'),
        NIGHTSHIFT_DATA_DIR: join(folder, 'data'),
        NIGHTSHIFT_PORT: '0',
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  await new Promise<void>((resolve) => void child.once('exit', () => resolve()));
}
