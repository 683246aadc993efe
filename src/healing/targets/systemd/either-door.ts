/** D-Bus where it answers; systemctl while it does not. The bus is asked again after a while. */
import type { Clock } from '../../../domain/ports.ts';
import { type Ms, seconds } from '../../../domain/units.ts';
import type { SystemdDoor } from './door.ts';

const AGAIN: Ms = seconds(60);

export function createEitherDoor(bus: SystemdDoor, command: SystemdDoor, clock: Clock): SystemdDoor {
  let silentUntil = -Infinity;
  const isSilent = (): boolean => clock.monotonic() < silentUntil;
  return {
    get forks() {
      return isSilent();
    },
    async look(unit) {
      if (isSilent()) return command.look(unit);
      const answer = await bus.look(unit);
      if (answer.kind === 'unit') return answer;
      silentUntil = clock.monotonic() + AGAIN;
      const second = await command.look(unit);
      // Where neither answers, the first reason says more.
      return second.kind === 'unit' ? second : answer;
    },
    restart: (unit, signal) => (isSilent() ? command : bus).restart(unit, signal),
    limits: (unit) => (isSilent() ? command : bus).limits(unit),
    setLimit: (unit, name, value) => (isSilent() ? command : bus).setLimit(unit, name, value),
    watch: bus.watch,
    watchedSince: () => (isSilent() ? null : bus.watchedSince()),
    close: bus.close,
  };
}
