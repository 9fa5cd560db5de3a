// SPDX-License-Identifier: Apache-2.0
// Threads whose work nobody waits for step back behind those that serve clients.
#pragma once

namespace quorumcache::runtime {

// The calling thread gets a tenth of a processor's time where others want it (nice 10), for good.
// A cluster map is parsed, checked and written down by every process at the same moment; where they
// share a machine, that alone was a tail of 10 ms for clients (docs/PERFORMANCE.md). Does nothing
// where the process is that nice already.
void StepBehindOtherThreads();

}  // namespace quorumcache::runtime
