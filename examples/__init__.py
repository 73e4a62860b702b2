"""Programs that use parlour; the tests run each of them."""
