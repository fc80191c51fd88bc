"""Films: takes put one after the other, in a size people ask for, by a Cloud Run job that the worker starts and follows."""
