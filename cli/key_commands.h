// SPDX-License-Identifier: Apache-2.0
// Commands on keys: get set del ttl touch incr cas mget scan.
#pragma once

#include <memory>

#include "cli/command.h"

namespace quorumcache::cli {

std::unique_ptr<Command> MakeGet();
std::unique_ptr<Command> MakeSet();
std::unique_ptr<Command> MakeDelete();
std::unique_ptr<Command> MakeTtl();
std::unique_ptr<Command> MakeTouch();
std::unique_ptr<Command> MakeIncrement();
std::unique_ptr<Command> MakeCompareAndSet();
std::unique_ptr<Command> MakeMultiGet();
std::unique_ptr<Command> MakeScan();

}  // namespace quorumcache::cli
