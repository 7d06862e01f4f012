// MakeOwnMock: makes a mock of the Security API as somebody writes it who has
// read the guide of 2019 and nothing else. Of this library it has the interface
// `Backend` and the messages of the API; its checks, hashes, page tokens, times
// and texts are its own. Any text is a policy to it.
//
//   const std::unique_ptr<Backend> mock = own_mock::MakeOwnMock();
//   v1::Response answer = mock->Execute({"123456789012", "r", ""}, request);

#ifndef EXAMPLES_OWN_MOCK_OWN_MOCK_H_
#define EXAMPLES_OWN_MOCK_OWN_MOCK_H_

#include <memory>

#include "examples/own_mock/own_mistakes.h"
#include "glue_security/backend/backend.h"

namespace own_mock {

std::unique_ptr<glue_security::Backend> MakeOwnMock(
    Mistake mistake = Mistake::kNone);

}  // namespace own_mock

#endif  // EXAMPLES_OWN_MOCK_OWN_MOCK_H_
