// CollectionFiller: fills in a list of strings or a map of strings of a
// request, and puts a string of its own into it.

#ifndef GLUE_SECURITY_TESTING_GENERATORS_COLLECTION_FILLER_H_
#define GLUE_SECURITY_TESTING_GENERATORS_COLLECTION_FILLER_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "glue_security/schema/structure_schema.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/generators/constraint_rules.h"
#include "google/protobuf/message.h"

namespace glue_security {

// The strings for a list or a map, all legal. The first are the simplest.
struct CollectionTexts {
  // The usual elements of a list, or values of a map, and rare ones.
  std::vector<std::string> usual;
  std::vector<std::string> odd;
  // kMap: keys; those that most requests have stand several times.
  std::vector<std::string> keys;
};

// Returns the strings for a member. `usual` and `odd` are candidates, of which
// the illegal are left out. REQUIRES: it is a kStringList or a kMap.
CollectionTexts MakeCollectionTexts(const MemberSchema& member, bool observed,
                                    std::vector<std::string> usual,
                                    std::vector<std::string> odd);

// Serves one member of one request.
class CollectionFiller {
 public:
  // `ciphertexts` are the encrypted passwords that may be given back. All
  // outlive this. REQUIRES: the member is a kStringList or a kMap of `parent`.
  CollectionFiller(const MemberSchema& member, const CollectionTexts& texts,
                   const std::vector<std::string>& ciphertexts,
                   ChoiceSource& choices, google::protobuf::Message* parent);

  // Adds up to three legal elements or entries.
  void Fill();

  // Makes it have `size` legal elements or entries. REQUIRES: its keys, if any,
  // are not of an enum.
  void SetSize(size_t size);

  // Puts `text` in the place of an element, or of a value, or adds an entry
  // with this key. Returns what follows the member's path in that of a
  // violation: ".2.member", ".HOST.member", or "" for a key.
  std::string Put(ConstraintRule::Part part, const std::string& text);

 private:
  std::string Element();
  std::string ValueOf(const std::string& key);
  int Size() const;
  std::map<std::string, std::string> Read() const;
  void Write(const std::map<std::string, std::string>& entries);
  void Add(const std::string& element);

  const MemberSchema& member_;
  const CollectionTexts& texts_;
  const std::vector<std::string>& ciphertexts_;
  ChoiceSource& choices_;
  google::protobuf::Message* const holder_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_GENERATORS_COLLECTION_FILLER_H_
