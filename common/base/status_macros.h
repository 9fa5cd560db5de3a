// SPDX-License-Identifier: Apache-2.0
// Early return on absl::Status errors. This Abseil has no such macros of its own.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define QC_RETURN_IF_ERROR(expression)                            \
  do {                                                            \
    if (absl::Status qc_status = (expression); !qc_status.ok()) { \
      return qc_status;                                           \
    }                                                             \
  } while (false)

#define QC_MACRO_JOIN_INNER(a, b) a##b
#define QC_MACRO_JOIN(a, b) QC_MACRO_JOIN_INNER(a, b)

// QC_ASSIGN_OR_RETURN(auto value, StatusOrValue()): one evaluation, moves the value out.
#define QC_ASSIGN_OR_RETURN(declaration, expression) \
  QC_ASSIGN_OR_RETURN_INNER(QC_MACRO_JOIN(qc_status_or_, __LINE__), declaration, expression)
#define QC_ASSIGN_OR_RETURN_INNER(result, declaration, expression) \
  auto result = (expression);                                      \
  if (!result.ok()) {                                              \
    return std::move(result).status();                             \
  }                                                                \
  declaration = *std::move(result)
