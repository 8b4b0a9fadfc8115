// Calls a function on a thread of its own, and waits for the end of such a thread.
void *_Nonnull thread_start(void (*_Nonnull body)(void *_Nonnull context), void *_Nonnull context);
void thread_join(void *_Nonnull thread);

#define SENDABLE __attribute__((swift_attr("@Sendable")))

// The same as thread_start, and Swift knows that the function runs elsewhere.
void *_Nonnull thread_start_sendable(void (*_Nonnull SENDABLE body)(void *_Nonnull context), void *_Nonnull context);
