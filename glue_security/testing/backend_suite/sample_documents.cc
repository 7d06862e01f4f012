#include "glue_security/testing/backend_suite/sample_documents.h"

namespace glue_security::conformance_internal {

// These texts are from the AWS Glue Developer Guide of September 2019 (its
// sample code is MIT-0), with placeholders replaced.
// tests/testing/backend_checks_test holds them equal to the files of
// tests/policy/policies.
const std::vector<SampleDocument>& SampleDocuments() {
  static const auto* const kDocuments = new std::vector<SampleDocument>{
      {"guide_resource_policy_1", true, "us-west-2",
       "own catalog, named principals",
       R"json({
     "Version": "2012-10-17",
     "Statement": [
       {
         "Principal": {
           "AWS": [
             "arn:aws:iam::123456789012:user/Alice"
           ]
         },
         "Effect": "Allow",
         "Action": [
           "glue:*"
         ],
         "Resource": [
           "arn:aws:glue:us-west-2:123456789012:*"
         ]
       }
     ]
   }
)json"},
      {"guide_resource_policy_2", true, "us-west-2",
       "own catalog, named principals",
       R"json({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Principal": {
        "AWS": [
          "arn:aws:iam::123456789012:user/Alice"
        ]
      },
      "Effect": "Allow",
      "Action": [
        "glue:*"
      ],
      "Resource": [
        "arn:aws:glue:us-west-2:123456789012:*"
      ]
    }
  ]
}
)json"},
      {"guide_resource_policy_3", true, "us-west-2",
       "own catalog, named principals",
       R"json({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Principal": {
        "AWS": [
          "arn:aws:iam::123456789012:user/Alice"
        ]
      },
      "Effect": "Allow",
      "Action": [
        "glue:*"
      ],
      "Resource": [
        "arn:aws:glue:us-west-2:123456789012:*"
      ]
    }
  ]
}
)json"},
      {"guide_resource_policy_4", true, "us-west-2",
       "own catalog, named principals",
       R"json({
     "Version": "2012-10-17",
     "Statement": [
       {
         "Principal": {
           "AWS": [
             "arn:aws:iam::210987654321:root"
           ]
         },
         "Effect": "Allow",
         "Action": [
           "glue:Get*",
           "glue:BatchGet*"
         ],
         "Resource": [
           "arn:aws:glue:us-west-2:123456789012:*"
         ]
       }
     ]
   }
)json"},
      {"guide_identity_policy_5", false, "us-west-2",
       "identity policy: no Principal",
       R"json({
     "Version": "2012-10-17",
     "Statement": [
       {
         "Effect": "Allow",
         "Action": [
           "glue:Get*",
           "glue:BatchGet*"
         ],
         "Resource": [
           "arn:aws:glue:us-west-2:123456789012:*"
         ]
       }
     ]
   }
)json"},
      {"cross_account_1", true, "us-east-1",
       "own catalog, other account as principal",
       R"json({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "glue:GetDatabase"
      ],
      "Principal": {"AWS": [
        "arn:aws:iam::210987654321:user/Bob"
      ]},
      "Resource": [
        "arn:aws:glue:us-east-1:123456789012:catalog",      
        "arn:aws:glue:us-east-1:123456789012:database/db1"
      ]
    }
  ]
}
)json"},
      {"cross_account_2", false, "us-east-1", "identity policy: no Principal",
       R"json({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "glue:GetDatabase"
      ],
      "Resource": [
        "arn:aws:glue:us-east-1:123456789012:catalog",      
        "arn:aws:glue:us-east-1:123456789012:database/db1"
      ]
    }
  ]
}
)json"},
      {"rules_valid_two_principals", true, "us-east-1",
       "valid example of the rules page",
       R"json({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "glue:CreateTable"
      ],
      "Principal": {"AWS": [
        "arn:aws:iam::123456789012:user/dev",
        "arn:aws:iam::210987654321:root"
      ]},
      "Resource": [
        "arn:aws:glue:us-east-1:123456789012:table/db1/*",
        "arn:aws:glue:us-east-1:123456789012:database/db1",
        "arn:aws:glue:us-east-1:123456789012:catalog"        
      ]
    }
  ]
}
)json"},
      {"rules_nonexistent_user", false, "us-east-1",
       "principal is not an ARN of a principal that can exist "
       "(\"(non-existent-user)\")",
       R"json({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "glue:CreateTable"
      ],
      "Principal": {"AWS": [
        "arn:aws:iam::123456789012:user/(non-existent-user)"
      ]},
      "Resource": [
        "arn:aws:glue:us-east-1:123456789012:table/db1/tbl1",
        "arn:aws:glue:us-east-1:123456789012:database/db1",
        "arn:aws:glue:us-east-1:123456789012:catalog"        
      ]
    }
  ]
}
)json"},
      {"rules_foreign_account_resource", false, "us-east-1",
       "Resource belongs to another account's catalog",
       R"json({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "glue:CreateTable"
      ],
      "Principal": {"AWS": [
        "arn:aws:iam::123456789012:user/dev"
      ]},
      "Resource": [
        "arn:aws:glue:us-east-1:210987654321:table/db1/tbl1",
        "arn:aws:glue:us-east-1:210987654321:database/db1",
        "arn:aws:glue:us-east-1:210987654321:catalog"  
      ]
    }
  ]
}
)json"},
      {"rules_s3_resource", false, "us-east-1", "Resource is an S3 ARN",
       R"json({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "glue:CreateTable"
      ],
      "Principal": {"AWS": [
        "arn:aws:iam::123456789012:user/dev"
      ]},
      "Resource": [
        "arn:aws:glue:us-east-1:123456789012:table/db1/tbl1",
        "arn:aws:glue:us-east-1:123456789012:database/db1",
        "arn:aws:glue:us-east-1:123456789012:catalog",  
        "arn:aws:s3:::bucket/my-bucket"
      ]
    }
  ]
}
)json"},
      {"identity_policy_1", false, "us-west-2", "identity policy: no Principal",
       R"json({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "GetTablesActionOnBooks",
      "Effect": "Allow",
      "Action": [
        "glue:GetTables",
        "glue:GetTable"        
      ],
      "Resource": [
        "arn:aws:glue:us-west-2:123456789012:catalog",      
        "arn:aws:glue:us-west-2:123456789012:database/db1",
        "arn:aws:glue:us-west-2:123456789012:table/db1/books"
      ]
    }
  ]
}
)json"},
      {"identity_policy_2", false, "us-west-2", "identity policy: no Principal",
       R"json({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "glue:CreateTable"
      ],
      "Resource": [
        "arn:aws:glue:us-west-2:123456789012:table/db1/tbl1",
        "arn:aws:glue:us-west-2:123456789012:database/db1",
        "arn:aws:glue:us-west-2:123456789012:catalog"        
      ]
    }
  ]
}
)json"},
      {"identity_policy_3", false, "us-west-2", "identity policy: no Principal",
       R"json({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "GetTablesExample",
            "Effect": "Allow",
            "Action": [
                "glue:GetTables"
            ],
            "Resource": [
                "arn:aws:glue:us-west-2:123456789012:catalog",            
                "arn:aws:glue:us-west-2:123456789012:database/db1",
                "arn:aws:glue:us-west-2:123456789012:table/db1/store_sales",
                "arn:aws:glue:us-west-2:123456789012:table/db1/stores"
            ]
        }
    ]
}
)json"},
      {"identity_policy_4", false, "us-west-2", "identity policy: no Principal",
       R"json({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "GetTablesExample2",
            "Effect": "Allow",
            "Action": [
                "glue:GetTables"
            ],
            "Resource": [
                "arn:aws:glue:us-west-2:123456789012:catalog",            
                "arn:aws:glue:us-west-2:123456789012:database/db1",
                "arn:aws:glue:us-west-2:123456789012:table/db1/store*"
            ]
        }
    ]
}
)json"},
      {"identity_policy_5", false, "us-west-2", "identity policy: no Principal",
       R"json({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "GetTablesReturnAll",
            "Effect": "Allow",
            "Action": [
                "glue:GetTables"
            ],
            "Resource": [
                "arn:aws:glue:us-west-2:123456789012:catalog",            
                "arn:aws:glue:us-west-2:123456789012:database/db1",
                "arn:aws:glue:us-west-2:123456789012:table/db1/*"
            ]
        }
    ]
}
)json"},
      {"identity_policy_6", false, "us-west-2", "identity policy: no Principal",
       R"json({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "GetTablesEmptyResults",
            "Effect": "Allow",
            "Action": [
                "glue:GetTables"
            ],
            "Resource": [
                "arn:aws:glue:us-west-2:123456789012:catalog",            
                "arn:aws:glue:us-west-2:123456789012:database/db1"
            ]
        }
    ]
}
)json"},
      {"identity_policy_7", false, "us-west-2", "identity policy: no Principal",
       R"json({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "GetTablesAccessDeny",
            "Effect": "Allow",
            "Action": [
                "glue:GetTables"
            ],
            "Resource": [
                "arn:aws:glue:us-west-2:123456789012:catalog",            
                "arn:aws:glue:us-west-2:123456789012:table/db1/*"
            ]
        }
    ]
}
)json"},
      {"identity_policy_8", false, "us-west-2", "identity policy: no Principal",
       R"json({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "FullAccessOnTable",
            "Effect": "Allow",
            "Action": [
                "glue:CreateTable",
                "glue:GetTable",
                "glue:GetTables",                
                "glue:UpdateTable",
                "glue:DeleteTable",
                "glue:BatchDeleteTable",
                "glue:GetTableVersion",
                "glue:GetTableVersions",
                "glue:DeleteTableVersion",
                "glue:BatchDeleteTableVersion",
                "glue:CreatePartition",
                "glue:BatchCreatePartition",
                "glue:GetPartition",
                "glue:GetPartitions",
                "glue:BatchGetPartition",
                "glue:UpdatePartition",
                "glue:DeletePartition",
                "glue:BatchDeletePartition"
            ],
            "Resource": [
                        "arn:aws:glue:us-west-2:123456789012:catalog",
                        "arn:aws:glue:us-west-2:123456789012:database/db1",
                        "arn:aws:glue:us-west-2:123456789012:table/db1/books" 
                        ]
        }
    ]
}
)json"},
      {"identity_policy_9", false, "us-west-2", "identity policy: no Principal",
       R"json({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "FullAccessOnTable",
            "Effect": "Allow",
            "Action": [
                "glue:*Table*",
                "glue:*Partition*"
            ],
            "Resource": [
                "arn:aws:glue:us-west-2:123456789012:catalog",            
                "arn:aws:glue:us-west-2:123456789012:database/db1",
                "arn:aws:glue:us-west-2:123456789012:table/db1/books"
            ]
        }
    ]
}
)json"},
      {"identity_policy_10", false, "us-west-2",
       "identity policy: no Principal",
       R"json({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "DevAndProdFullAccess",
            "Effect": "Allow",
            "Action": [
                "glue:*Database*",
                "glue:*Table*",
                "glue:*Partition*",
                "glue:*UserDefinedFunction*",
                "glue:*Connection*"
            ],
            "Resource": [
                "arn:aws:glue:us-west-2:123456789012:catalog",
                "arn:aws:glue:us-west-2:123456789012:database/dev-*",
                "arn:aws:glue:us-west-2:123456789012:database/prod-*",
                "arn:aws:glue:us-west-2:123456789012:table/dev-*/*",
                "arn:aws:glue:us-west-2:123456789012:table/*/dev-*",
                "arn:aws:glue:us-west-2:123456789012:table/prod-*/*",
                "arn:aws:glue:us-west-2:123456789012:table/*/prod-*",
                "arn:aws:glue:us-west-2:123456789012:userDefinedFunction/dev-*/*",
                "arn:aws:glue:us-west-2:123456789012:userDefinedFunction/*/dev-*",
                "arn:aws:glue:us-west-2:123456789012:userDefinedFunction/prod-*/*",
                "arn:aws:glue:us-west-2:123456789012:userDefinedFunction/*/prod-*",
                "arn:aws:glue:us-west-2:123456789012:connection/dev-*",
                "arn:aws:glue:us-west-2:123456789012:connection/prod-*"
            ]
        },
        {
            "Sid": "ProdWriteDeny",
            "Effect": "Deny",
            "Action": [
                "glue:*Create*",
                "glue:*Update*",
                "glue:*Delete*"
            ],
            "Resource": [
                "arn:aws:glue:us-west-2:123456789012:database/prod-*",
                "arn:aws:glue:us-west-2:123456789012:table/prod-*/*",
                "arn:aws:glue:us-west-2:123456789012:table/*/prod-*",
                "arn:aws:glue:us-west-2:123456789012:userDefinedFunction/prod-*/*",
                "arn:aws:glue:us-west-2:123456789012:userDefinedFunction/*/prod-*",
                "arn:aws:glue:us-west-2:123456789012:connection/prod-*"
            ]
        }
    ]
}
)json"},
      {"cross_account_3", false, "us-east-1",
       "as printed in the guide: the principal `arn:aws:iam:ACCOUNT:root` "
       "lacks a field",
       R"json({
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "glue:GetConnection",
                "glue:GetDatabase",
                "glue:GetTable",
                "glue:GetPartition" 
            ],
            "Principal": {"AWS": ["arn:aws:iam:210987654321:root"]},
            "Resource": [
                "arn:aws:glue:us-east-1:123456789012:*"
            ]
        }
    ]
}
)json"},
  };
  return *kDocuments;
}

}  // namespace glue_security::conformance_internal
