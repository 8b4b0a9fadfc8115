int usual(void);

#ifdef EXTRA
int extra(void);
#endif

int always_declared(void);
