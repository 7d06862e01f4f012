"""Makes the wheel. tools/python_wheel.sh puts the shared libraries into glue_security/lib
and runs it."""

import pathlib
import re

from setuptools import Distribution, setup
from wheel.bdist_wheel import bdist_wheel

HERE = pathlib.Path(__file__).resolve().parent


class PlatformDistribution(Distribution):
    """A distribution with libraries, though setuptools compiles none."""

    def has_ext_modules(self):
        return True


class PlatformWheel(bdist_wheel):
    """A wheel for every Python 3 of one platform: the libraries know nothing of Python."""

    def get_tag(self):
        return "py3", "none", "linux_x86_64"


init = (HERE / "glue_security" / "__init__.py").read_text()
setup(
    name="glue-security",
    version=re.search(r'^__version__ = "(.+)"$', init, re.M).group(1),
    description="AWS Glue's Security API in the process, for tests that use boto3",
    license="Apache-2.0",
    python_requires=">=3.8",
    packages=["glue_security"],
    package_data={"glue_security": ["py.typed", "lib/*"]},
    entry_points={"pytest11": ["glue_security = glue_security.pytest_plugin"]},
    distclass=PlatformDistribution,
    cmdclass={"bdist_wheel": PlatformWheel},
    zip_safe=False,
)
