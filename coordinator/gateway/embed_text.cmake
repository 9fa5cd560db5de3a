# SPDX-License-Identifier: Apache-2.0
# cmake -D INPUT=openapi.json -D OUTPUT=openapi.cc -P embed_text.cmake
# A text file as a C++ function.
# In pieces: the standard promises 65,536 characters a literal and no more.
file(READ ${INPUT} text)
string(LENGTH "${text}" length)
set(pieces "")
set(start 0)
while(start LESS length)
  string(SUBSTRING "${text}" ${start} 8000 piece)
  string(APPEND pieces "    R\"__json__(${piece})__json__\"\n")
  math(EXPR start "${start} + 8000")
endwhile()
file(WRITE ${OUTPUT} "// Made from openapi.json by embed_text.cmake.
#include \"coordinator/gateway/openapi.h\"

namespace quorumcache::gateway {

absl::string_view OpenApiDocument() {
  return
${pieces}      ;
}

}  // namespace quorumcache::gateway
")
