int call_twice(int number);
