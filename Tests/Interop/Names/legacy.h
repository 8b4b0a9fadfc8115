// As it came: not a word about names, or about null.
const char *legacy_find(const char *key);
