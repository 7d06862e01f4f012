#include "glue_security/http/hop_by_hop.h"

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

HopByHop With(absl::string_view connection) {
  HopByHop hops;
  hops.AddConnection(connection);
  hops.Sort();
  return hops;
}

TEST(HopByHop, FieldsOfAConnection) {
  const HopByHop hops = With("close");
  for (const char* const name :
       {"Connection", "connection", "KEEP-ALIVE", "Proxy-Connection",
        "Proxy-Authorization", "proxy-authenticate", "Proxy-Anything", "TE",
        "te", "Trailer", "Transfer-Encoding", "Upgrade", "Close"}) {
    EXPECT_TRUE(hops.Contains(name)) << name;
  }
  for (const char* const name :
       {"Host", "Content-Length", "Authorization", "Via", "Expect", "Proxy",
        "TEA", "T", "", "X-Amz-Target", "Date", "Trailers"}) {
    EXPECT_FALSE(hops.Contains(name)) << name;
  }
}

TEST(HopByHop, NamesInConnection) {
  HopByHop hops;
  hops.AddConnection(" x-b ,, X-A\t");
  hops.AddConnection("x-C");
  hops.AddConnection("");
  hops.Sort();
  for (const char* const name : {"X-A", "x-a", "X-B", "X-C"}) {
    EXPECT_TRUE(hops.Contains(name)) << name;
  }
  EXPECT_FALSE(hops.Contains("X-"));
  EXPECT_FALSE(hops.Contains("X-D"));
}

// Without them the next hop would see another message than this one.
TEST(HopByHop, FramingAndHost_StayEvenWhenNamed) {
  const HopByHop hops = With("Host, content-length, X-A");
  EXPECT_FALSE(hops.Contains("host"));
  EXPECT_FALSE(hops.Contains("Content-Length"));
  EXPECT_TRUE(hops.Contains("x-a"));
}

}  // namespace
}  // namespace glue_security
