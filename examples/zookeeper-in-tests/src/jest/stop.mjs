/** Once, after all test files. */
export default async function stop() {
  await globalThis.zk.stop();
}
