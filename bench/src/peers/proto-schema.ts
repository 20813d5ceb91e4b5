/**
 * The messages as a careful author would write them in Protocol Buffers: fixed
 * 64-bit fields for zxids and times (large numbers make long varints), zigzag
 * where -1 is common.
 */
export const PROTO_SCHEMA = `
syntax = "proto3";
package zk;
message Id { string scheme = 1; string id = 2; }
message ACL { int32 perms = 1; Id id = 2; }
message CreateRequest { string path = 1; bytes data = 2; repeated ACL acl = 3; int32 flags = 4; }
message Stat {
  sfixed64 czxid = 1;
  sfixed64 mzxid = 2;
  sfixed64 ctime = 3;
  sfixed64 mtime = 4;
  int32 version = 5;
  int32 cversion = 6;
  int32 aversion = 7;
  sfixed64 ephemeralOwner = 8;
  int32 dataLength = 9;
  int32 numChildren = 10;
  sfixed64 pzxid = 11;
}
message ReplyHeader { sint32 xid = 1; sfixed64 zxid = 2; sint32 err = 3; }
message GetDataResponse { bytes data = 1; Stat stat = 2; }
message GetDataReply { ReplyHeader header = 1; GetDataResponse body = 2; }
message GetChildrenResponse { repeated string children = 1; }
message QuorumPacket { int32 type = 1; sfixed64 zxid = 2; bytes data = 3; repeated Id authinfo = 4; }
message MultiHeader { sint32 type = 1; bool done = 2; sint32 err = 3; }
message Operation { MultiHeader header = 1; CreateRequest request = 2; }
message Multi { repeated Operation ops = 1; }
message SetDataRequest { string path = 1; bytes data = 2; sint32 version = 3; }
`;
