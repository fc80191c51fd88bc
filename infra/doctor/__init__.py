"""`make doctor`: looks at a deployment or at the local stack, and says what is wrong and the mend. Changes nothing.

probes (cloud.py, local.py, drift.py) return facts, rules.py turns facts into findings, and __main__.py prints them.
"""
