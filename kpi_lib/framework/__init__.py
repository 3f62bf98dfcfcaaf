"""What is measured: frameworks and maturity schemes as YAML, checked, extended and compared.

``bundled`` holds the frameworks that come with the library, ``schemes_bundled`` the schemes.
"""
