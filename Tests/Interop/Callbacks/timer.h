// Calls a function back once, later, with the context that it was given.
void timer_set(void (*_Nonnull body)(void *_Nullable context), void *_Nullable context);
void timer_fire(void);
