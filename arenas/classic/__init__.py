"""Small games whose answer is known; README.md lists them."""
