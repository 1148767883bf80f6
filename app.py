"""The page: three tabs over one core. `python app.py` opens it."""

from page.__main__ import main

if __name__ == "__main__":
    main()
