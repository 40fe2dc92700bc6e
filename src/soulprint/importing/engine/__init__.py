"""Members in; batches of conversations ready to be stored out, from threads or processes that read side by side."""
