# Packs each built function for Lambda: FOLDER/bootstrap becomes FOLDER/function.zip.
#
# `sam deploy` would pack every function anew at each deployment, a second each. It takes a
# finished zip as it is, so only changed functions cost time. Level 1 is 4 times as fast as the
# default and 15 % larger. Dates are left out: equal code is an equal zip, which SAM uploads once.
import os
import sys
import zipfile

for folder in sys.argv[1:]:
    entry = zipfile.ZipInfo("bootstrap")
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o100755 << 16
    with open(f"{folder}/bootstrap", "rb") as binary:
        code = binary.read()
    with zipfile.ZipFile(f"{folder}/function.zip.new", "w") as package:
        package.writestr(entry, code, compresslevel=1)
    os.replace(f"{folder}/function.zip.new", f"{folder}/function.zip")
