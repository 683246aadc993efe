/** `/proc/PID/stat` to numbers. Pure. */
import { type Bytes, bytes, type Ms, ms } from '../domain/units.ts';

/** What the kernel counts in; read once from the auxiliary vector of this process. */
export interface KernelUnits {
  readonly ticksPerSecond: number;
  readonly pageBytes: number;
}

export interface ProcessStat {
  readonly pid: number;
  /** At most 15 characters, as the kernel keeps it. */
  readonly name: string;
  /** `R`, `S`, `D` …; `Z` and `X` are dead. */
  readonly state: string;
  readonly ppid: number;
  readonly group: number;
  readonly cpuTime: Ms;
  readonly resident: Bytes;
  readonly threads: number;
  /** Clock ticks from boot to its start: with the pid and the boot id it names one process for ever. */
  readonly startTicks: number;
}

const AT_PAGE_SIZE = 6n;
const AT_CLOCK_TICKS = 17n;
const USUAL_UNITS: KernelUnits = { ticksPerSecond: 100, pageBytes: 4_096 };

export function parseProcessStat(text: string, units: KernelUnits): ProcessStat | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')'); // a name may hold spaces and parentheses
  if (open === -1 || close === -1) return null;
  const fields = text
    .slice(close + 2)
    .trim()
    .split(' ');
  if (fields.length < 22) return null;
  const [state = '', ppid, group] = fields;
  const field = (number: number): number => Number(fields[number - 3]); // numbered as in proc(5)
  return {
    pid: Number(text.slice(0, open)),
    name: text.slice(open + 1, close),
    state,
    ppid: Number(ppid),
    group: Number(group),
    cpuTime: ms(((field(14) + field(15)) * 1_000) / units.ticksPerSecond),
    resident: bytes(field(24) * units.pageBytes),
    threads: field(20),
    startTicks: field(22),
  };
}

/** What a process has written since it began. */
export interface ProcessWrites {
  /** To disks, as the kernel accounts it. */
  readonly toDisk: number;
  /** Through any call: files in memory, pipes and sockets too. */
  readonly byCalls: number;
}

/** `/proc/PID/io` */
export function parseProcessIo(text: string): ProcessWrites | null {
  const field = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1]);
  const [toDisk, byCalls] = [field('write_bytes'), field('wchar')];
  return Number.isNaN(toDisk) || Number.isNaN(byCalls) ? null : { toDisk, byCalls };
}

/** A zombie keeps its pid but does nothing any more. */
export function isDead(stat: ProcessStat): boolean {
  return stat.state === 'Z' || stat.state === 'X';
}

/** `/proc/self/auxv`: pairs of native 64-bit words. */
export function parseKernelUnits(auxv: Buffer): KernelUnits {
  const found = new Map<bigint, number>();
  for (let at = 0; at + 16 <= auxv.length; at += 16) {
    found.set(auxv.readBigUInt64LE(at), Number(auxv.readBigUInt64LE(at + 8)));
  }
  return {
    ticksPerSecond: found.get(AT_CLOCK_TICKS) ?? USUAL_UNITS.ticksPerSecond,
    pageBytes: found.get(AT_PAGE_SIZE) ?? USUAL_UNITS.pageBytes,
  };
}
