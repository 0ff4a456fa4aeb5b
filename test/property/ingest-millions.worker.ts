import { parentPort, workerData } from 'node:worker_threads'
import { parseMutated, type Work } from '../fixtures/ingest/mutated-run.ts'

parentPort?.postMessage(parseMutated(workerData as Work))
