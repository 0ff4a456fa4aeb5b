import type { DoctorCheck, StoreStatsView } from '#api/index.ts'
import { formatBytes } from '#base/bytes.ts'
import { fault, ok, warn } from './verdicts.ts'

/** As HpsSealingBehind of deploy/prometheus has it. */
const MANY_SEGMENTS = 8
/** Less than this part of the file system free: other programs fill it too. */
const LITTLE_FREE = 0.05

/** Room, age and the work that waits. */
export function examineStore({ messages, oldest, waiting_segments: waiting, disk_bytes: disk, disk_free_bytes: free, max_bytes: max, file_bytes: files, segment_bytes: segments }: StoreStatsView): readonly DoctorCheck[] {
  const held = `${messages} messages${oldest === null ? '' : ` since ${oldest}`} in ${formatBytes(files + segments)}${max === null ? '' : ` of ${formatBytes(max)} allowed`}`
  return [
    ok('retention', held),
    disk === null || free === null ? ok('disk', 'not looked at yet') : examineDisk(disk, free),
    waiting > MANY_SEGMENTS ? warn('sealing', `${waiting} segments wait to be sealed: they come in faster than they are compressed`, 'hps store stats; a faster disk, or a free core for the thread `sealer`') : ok('sealing', waiting === 0 ? 'no segment waits' : `${waiting} segments wait to be sealed`),
  ]
}

function examineDisk(disk: number, free: number): DoctorCheck {
  const finding = `${formatBytes(free)} of ${formatBytes(disk)} free`
  if (free === 0) return fault('disk', finding, 'du -xh / | sort -h | tail -20; then make room')
  return free < disk * LITTLE_FREE ? warn('disk', finding, 'du -xh / | sort -h | tail -20; then make room, or lower store.max_size') : ok('disk', finding)
}
