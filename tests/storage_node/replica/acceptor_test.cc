// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/acceptor.h"

#include <optional>
#include <vector>

#include "gtest/gtest.h"

namespace quorumcache::replica {
namespace {

using model::Ballot;

Ballot At(uint64_t hlc) {
  return hlc == 0 ? Ballot{} : Ballot{1, hlc, 1};
}

// The rules again, as docs/PROTOCOL.md states them, with P kept in full: the oracle.
struct Oracle {
  uint64_t accepted = 0;
  uint64_t promised = 0;
  uint64_t previous = 0;

  bool Prepare(uint64_t b, uint64_t floor) {
    if (!(b > std::max(promised, floor) && b > accepted)) return false;
    promised = b;
    return true;
  }
  bool Accept(uint64_t b, uint64_t next, uint64_t floor) {
    if (b == accepted) return true;
    if (!(b >= std::max(promised, floor) && b > accepted && b > floor)) return false;
    previous = accepted;
    accepted = b;
    promised = std::max({promised, b, next});
    return true;
  }
};

// Every state, floor and message over a few ballots: all orders of them are among these.
TEST(AcceptorTest, AgreesWithTheRulesInEveryCase) {
  constexpr uint64_t kTop = 4;
  int cases = 0;
  for (uint64_t a = 0; a <= kTop; ++a) {
    for (uint64_t p = a; p <= kTop; ++p) {
      for (uint64_t floor = 0; floor <= kTop; ++floor) {
        for (uint64_t b = 1; b <= kTop; ++b) {
          for (uint64_t next = 0; next <= kTop; ++next) {
            const Acceptor start = {At(a), p > a ? At(p) : Ballot{}, Ballot{}};
            Acceptor accepting = start;
            Acceptor preparing = start;
            Oracle accept_oracle = {a, p, 0};
            Oracle prepare_oracle = {a, p, 0};

            const Verdict accepted =
                ApplyAccept(At(b), At(next), At(floor), AcceptLeniency{}, &accepting);
            const Verdict prepared = ApplyPrepare(At(b), At(floor), &preparing);

            EXPECT_EQ(accepted != Verdict::kRefused, accept_oracle.Accept(b, next, floor));
            EXPECT_EQ(accepting.accepted, At(accept_oracle.accepted));
            EXPECT_EQ(accepting.promise(), At(accept_oracle.promised));
            EXPECT_EQ(accepting.previous, At(accept_oracle.previous));
            EXPECT_EQ(prepared == Verdict::kPromised, prepare_oracle.Prepare(b, floor));
            EXPECT_EQ(preparing.promise(), At(prepare_oracle.promised));
            EXPECT_EQ(preparing.accepted, start.accepted);
            if (accepted == Verdict::kRefused || accepted == Verdict::kRepeat) {
              EXPECT_EQ(accepting, start);
            }
            ++cases;
          }
        }
      }
    }
  }
  EXPECT_EQ(cases, 15 * 5 * 4 * 5);
}

TEST(AcceptorTest, RepeatIsToldApartFromTheFirstTime) {
  Acceptor acceptor;

  EXPECT_EQ(ApplyAccept(At(3), Ballot{}, Ballot{}, {}, &acceptor), Verdict::kAccepted);
  EXPECT_EQ(ApplyAccept(At(3), Ballot{}, Ballot{}, {}, &acceptor), Verdict::kRepeat);
}

TEST(AcceptorTest, PromiseIsKeptApartOnlyWhileItIsHigher) {
  Acceptor acceptor;
  ASSERT_EQ(ApplyPrepare(At(5), Ballot{}, &acceptor), Verdict::kPromised);
  EXPECT_EQ(acceptor.promised, At(5));

  ASSERT_EQ(ApplyAccept(At(5), Ballot{}, Ballot{}, {}, &acceptor), Verdict::kAccepted);

  EXPECT_EQ(acceptor.promised, Ballot{});
  EXPECT_EQ(acceptor.promise(), At(5));
}

// I5, over random walks would add nothing: A and P only rise, and a refusal depends on them and the
// floor.
TEST(AcceptorTest, RefusedBallotStaysRefusedWhateverComesBetween) {
  for (uint64_t between = 1; between <= 6; ++between) {
    Acceptor acceptor;
    ASSERT_EQ(ApplyPrepare(At(4), Ballot{}, &acceptor), Verdict::kPromised);
    ASSERT_EQ(ApplyAccept(At(3), Ballot{}, Ballot{}, {}, &acceptor), Verdict::kRefused);

    ApplyAccept(At(between), Ballot{}, Ballot{}, {}, &acceptor);

    if (between != 3) {
      EXPECT_EQ(ApplyAccept(At(3), Ballot{}, Ballot{}, {}, &acceptor), Verdict::kRefused);
    }
  }
}

TEST(AcceptorTest, LeniencyBreaksExactlyItsRule) {
  Acceptor promised = {At(1), At(5), Ballot{}};
  EXPECT_EQ(ApplyAccept(At(3), {}, {}, {.ignore_promise = true}, &promised), Verdict::kAccepted);
  EXPECT_EQ(promised.promise(), At(5));

  Acceptor newer = {At(5), {}, {}};
  EXPECT_EQ(ApplyAccept(At(3), {}, {}, {.ignore_accepted = true}, &newer), Verdict::kAccepted);

  Acceptor floored;
  EXPECT_EQ(ApplyAccept(At(3), {}, At(4), {.ignore_floor = true}, &floored), Verdict::kAccepted);
}

TEST(AcceptorDeathTest, ZeroBallotIsABug) {
  Acceptor acceptor;

  EXPECT_DEATH(ApplyAccept(Ballot{}, {}, {}, {}, &acceptor), "IsZero");
}

}  // namespace
}  // namespace quorumcache::replica
