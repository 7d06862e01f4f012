// Prints the rows of the table in docs/testing_kit/own_mock.md, for
// tools/own_mock_table.py.

#include <iostream>
#include <string>

#include "tests/examples/own_mock_search.h"

int main() {
  for (const std::string& row : own_mock::TableRows(/*with_threads=*/true)) {
    std::cout << row << "\n";
  }
}
