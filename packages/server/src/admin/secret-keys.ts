/** Keys of zoo.cfg whose values are shown to nobody: whoever may ask an admin server need not be who may know. */

/** Whether the value of this key is left out of answers. */
export function isSecret(key: string): boolean {
  return SECRET.test(key);
}

const SECRET = /password|superDigest|secret/iu;
