__attribute__((swift_error(nonzero_result))) int fails(int number);
