/**
 * What the compiler must know: the op code decides the types. The expectations
 * are written out op by op, so that a wrong row in a table is a type error here.
 */
import { describe, expectTypeOf, test } from "vitest";
import type { MultiOperation, MultiReadOperation, MultiReadResult, MultiResult } from "./multi.js";
import { OpCode } from "./op-code.js";
import { ANYONE_ID_UNSAFE, OPEN_ACL_UNSAFE } from "./acl.js";
import type {
  ACL,
  AddWatchRequest,
  AuthPacket,
  CheckVersionRequest,
  CheckVersionTxn,
  CheckWatchesRequest,
  CloseSessionTxn,
  Create2Response,
  CreateContainerTxn,
  CreateRequest,
  CreateRequestInit,
  CreateResponse,
  CreateSessionTxn,
  CreateTTLRequest,
  CreateTTLTxn,
  CreateTxn,
  CreateTxnInit,
  CreateTxnV0,
  DeleteRequest,
  DeleteTxn,
  ErrorResponse,
  ErrorTxn,
  ExistsRequest,
  ExistsResponse,
  GetACLRequest,
  GetACLResponse,
  GetAllChildrenNumberRequest,
  GetAllChildrenNumberResponse,
  GetChildren2Request,
  GetChildren2Response,
  GetChildrenRequest,
  GetChildrenResponse,
  GetDataRequest,
  GetDataResponse,
  GetEphemeralsRequest,
  GetEphemeralsResponse,
  GetSASLRequest,
  MultiTxn,
  ReconfigRequest,
  RemoveWatchesRequest,
  SetACLRequest,
  SetACLResponse,
  SetACLTxn,
  SetDataRequest,
  SetDataResponse,
  SetDataTxn,
  SetSASLResponse,
  SetWatches,
  SetWatches2,
  SyncRequest,
  SyncResponse,
  WhoAmIResponse,
} from "./records.js";
import {
  type BodilessRequestOpCode,
  decodeRequest,
  encodeRequest,
  type RequestBody,
  type RequestBodyInit,
  type RequestMessage,
  type RequestOpCode,
} from "./request.js";
import {
  type BodilessResponseOpCode,
  decodeResponse,
  encodeEvent,
  encodeResponse,
  type ResponseBody,
  type ResponseFailure,
  type ResponseMessage,
  type ResponseOpCode,
} from "./response.js";
import {
  decodeTxn,
  encodeTxn,
  packMultiTxn,
  type SubTxn,
  type TxnBody,
  type TxnBodyInit,
  type TxnMessage,
  type TxnOpCode,
} from "./txn.js";

type Op = typeof OpCode;
type RequestOf<Name extends keyof Op> = Op[Name] extends RequestOpCode
  ? RequestBody<Op[Name]>
  : "no request";
type ResponseOf<Name extends keyof Op> = Op[Name] extends ResponseOpCode
  ? ResponseBody<Op[Name]>
  : "no response";
type TxnOf<Name extends keyof Op> = Op[Name] extends TxnOpCode ? TxnBody<Op[Name]> : "no txn";

describe("types", () => {
  test("every op has its request", () => {
    expectTypeOf<{ [Name in keyof Op]: RequestOf<Name> }>().toEqualTypeOf<{
      readonly notification: "no request";
      readonly create: CreateRequest;
      readonly delete: DeleteRequest;
      readonly exists: ExistsRequest;
      readonly getData: GetDataRequest;
      readonly setData: SetDataRequest;
      readonly getACL: GetACLRequest;
      readonly setACL: SetACLRequest;
      readonly getChildren: GetChildrenRequest;
      readonly sync: SyncRequest;
      readonly ping: null;
      readonly getChildren2: GetChildren2Request;
      readonly check: CheckVersionRequest;
      readonly multi: MultiOperation[];
      readonly create2: CreateRequest;
      readonly reconfig: ReconfigRequest;
      readonly checkWatches: CheckWatchesRequest;
      readonly removeWatches: RemoveWatchesRequest;
      readonly createContainer: CreateRequest;
      readonly deleteContainer: DeleteTxn;
      readonly createTTL: CreateTTLRequest;
      readonly multiRead: MultiReadOperation[];
      readonly auth: AuthPacket;
      readonly setWatches: SetWatches;
      readonly sasl: GetSASLRequest;
      readonly getEphemerals: GetEphemeralsRequest;
      readonly getAllChildrenNumber: GetAllChildrenNumberRequest;
      readonly setWatches2: SetWatches2;
      readonly addWatch: AddWatchRequest;
      readonly whoAmI: null;
      readonly createSession: CreateSessionTxn;
      readonly closeSession: null;
      readonly error: "no request";
    }>();
    expectTypeOf<BodilessRequestOpCode>().toEqualTypeOf<
      Op["ping"] | Op["whoAmI"] | Op["closeSession"]
    >();
  });

  test("every op has its response", () => {
    expectTypeOf<{ [Name in keyof Op]: ResponseOf<Name> }>().toEqualTypeOf<{
      readonly notification: "no response";
      readonly create: CreateResponse;
      readonly delete: null;
      readonly exists: ExistsResponse;
      readonly getData: GetDataResponse;
      readonly setData: SetDataResponse;
      readonly getACL: GetACLResponse;
      readonly setACL: SetACLResponse;
      readonly getChildren: GetChildrenResponse;
      readonly sync: SyncResponse;
      readonly ping: null;
      readonly getChildren2: GetChildren2Response;
      readonly check: "no response";
      readonly multi: MultiResult[];
      readonly create2: Create2Response;
      readonly reconfig: GetDataResponse;
      readonly checkWatches: null;
      readonly removeWatches: null;
      readonly createContainer: Create2Response;
      readonly deleteContainer: null;
      readonly createTTL: Create2Response;
      readonly multiRead: MultiReadResult[];
      readonly auth: null;
      readonly setWatches: null;
      readonly sasl: SetSASLResponse;
      readonly getEphemerals: GetEphemeralsResponse;
      readonly getAllChildrenNumber: GetAllChildrenNumberResponse;
      readonly setWatches2: null;
      readonly addWatch: ErrorResponse;
      readonly whoAmI: WhoAmIResponse;
      readonly createSession: "no response";
      readonly closeSession: null;
      readonly error: "no response";
    }>();
    expectTypeOf<BodilessResponseOpCode>().toEqualTypeOf<
      | Op["delete"]
      | Op["ping"]
      | Op["checkWatches"]
      | Op["removeWatches"]
      | Op["deleteContainer"]
      | Op["auth"]
      | Op["setWatches"]
      | Op["setWatches2"]
      | Op["closeSession"]
    >();
  });

  test("every op that changes something has its txn", () => {
    expectTypeOf<{ [Name in keyof Op]: TxnOf<Name> }>().toEqualTypeOf<{
      readonly notification: "no txn";
      readonly create: CreateTxn;
      readonly delete: DeleteTxn;
      readonly exists: "no txn";
      readonly getData: "no txn";
      readonly setData: SetDataTxn;
      readonly getACL: "no txn";
      readonly setACL: SetACLTxn;
      readonly getChildren: "no txn";
      readonly sync: "no txn";
      readonly ping: "no txn";
      readonly getChildren2: "no txn";
      readonly check: "no txn";
      readonly multi: MultiTxn;
      readonly create2: CreateTxn;
      readonly reconfig: SetDataTxn;
      readonly checkWatches: "no txn";
      readonly removeWatches: "no txn";
      readonly createContainer: CreateContainerTxn;
      readonly deleteContainer: DeleteTxn;
      readonly createTTL: CreateTTLTxn;
      readonly multiRead: "no txn";
      readonly auth: "no txn";
      readonly setWatches: "no txn";
      readonly sasl: "no txn";
      readonly getEphemerals: "no txn";
      readonly getAllChildrenNumber: "no txn";
      readonly setWatches2: "no txn";
      readonly addWatch: "no txn";
      readonly whoAmI: "no txn";
      readonly createSession: CreateSessionTxn;
      readonly closeSession: CloseSessionTxn | null;
      readonly error: ErrorTxn;
    }>();
    expectTypeOf<CreateTxnInit & { path: string }>().toExtend<TxnBodyInit<Op["create"]>>();
    expectTypeOf<CreateTxnV0>().toExtend<TxnBodyInit<Op["create"]>>();
    expectTypeOf<Extract<SubTxn, { type: Op["check"] }>["body"]>().toEqualTypeOf<CheckVersionTxn>();
  });

  test("decoding gives a union that the op code takes apart", () => {
    const decode = (bytes: Uint8Array): void => {
      const request = decodeRequest(bytes);
      expectTypeOf(request).toEqualTypeOf<RequestMessage>();
      if (request.type === OpCode.create) {
        expectTypeOf(request.body).toEqualTypeOf<CreateRequest>();
      }
      if (request.type === OpCode.ping) expectTypeOf(request.body).toEqualTypeOf<null>();

      const response = decodeResponse(OpCode.getData, bytes);
      expectTypeOf(response).toEqualTypeOf<ResponseMessage<Op["getData"]>>();
      if (response.ok) {
        expectTypeOf(response.body).toEqualTypeOf<GetDataResponse>();
        expectTypeOf(response.err).toEqualTypeOf<0>();
      } else {
        expectTypeOf(response).toEqualTypeOf<ResponseFailure>();
      }

      const txn = decodeTxn(bytes);
      expectTypeOf(txn).toEqualTypeOf<TxnMessage>();
      if (txn.type === OpCode.setData) expectTypeOf(txn.body).toEqualTypeOf<SetDataTxn>();
    };
    expectTypeOf(decode).toBeFunction();
  });

  test("parts of multis are told apart by their op codes", () => {
    expectTypeOf<
      Extract<MultiOperation, { type: Op["createTTL"] }>["body"]
    >().toEqualTypeOf<CreateTTLRequest>();
    expectTypeOf<MultiReadOperation["type"]>().toEqualTypeOf<Op["getData"] | Op["getChildren"]>();
    expectTypeOf<
      Extract<MultiResult, { type: Op["create2"] }>["body"]
    >().toEqualTypeOf<Create2Response>();
    expectTypeOf<Extract<MultiResult, { type: Op["delete"] }>["body"]>().toEqualTypeOf<null>();
    expectTypeOf<Extract<MultiResult, { ok: false }>["err"]>().toEqualTypeOf<number>();
  });

  test("what is null in no message must be given, and not as null", () => {
    const right = (request: GetDataRequest, create: CreateRequest, entry: ACL): void => {
      // A record that was decoded can be passed on as it is.
      encodeRequest(OpCode.getData, 1, request);
      encodeRequest(OpCode.getData, 1, { path: "/a" });
      encodeRequest(OpCode.create, 1, { path: "/a", acl: OPEN_ACL_UNSAFE });
      create.acl = OPEN_ACL_UNSAFE;
      entry.id = ANYONE_ID_UNSAFE;
      encodeRequest(OpCode.getEphemerals, 1, { prefixPath: null });
      encodeRequest(OpCode.reconfig, 1, {});
      encodeTxn(OpCode.create, {}, { path: "/a", acl: null });
      encodeResponse(OpCode.sync, { xid: 1, zxid: 1n }, { path: null });
    };
    expectTypeOf(right).toBeFunction();
    const wrong = (): void => {
      // @ts-expect-error the path is missing
      encodeRequest(OpCode.getData, 1, {});
      // @ts-expect-error the path is missing
      encodeRequest(OpCode.exists, 1, { path: null });
      // @ts-expect-error the path is missing
      encodeRequest(OpCode.sync, 1, { path: undefined });
      // @ts-expect-error the path is missing
      encodeRequest(OpCode.deleteContainer, 1, {});
      // @ts-expect-error no access control list
      encodeRequest(OpCode.create, 1, { path: "/a" });
      // @ts-expect-error no access control list
      encodeRequest(OpCode.setACL, 1, { path: "/a", acl: null });
      // @ts-expect-error nobody gets the permissions
      encodeRequest(OpCode.create, 1, { path: "/a", acl: [{ perms: 31 }] });
      // @ts-expect-error nobody gets the permissions
      encodeRequest(OpCode.setACL, 1, { path: "/a", acl: [{ id: { scheme: "ip" } }] });
      // @ts-expect-error the scheme is missing
      encodeRequest(OpCode.auth, -4, { auth: new Uint8Array(1) });
      // @ts-expect-error no lists of watches
      encodeRequest(OpCode.setWatches, -8, { relativeZxid: 1n });
      // @ts-expect-error no path in a part of a multi
      encodeRequest(OpCode.multi, 1, [{ type: OpCode.delete, body: {} }]);
      // @ts-expect-error no path in a part of a multiRead
      encodeRequest(OpCode.multiRead, 1, [{ type: OpCode.getData, body: { path: null } }]);
      // @ts-expect-error the path is missing
      encodeResponse(OpCode.create, { xid: 1, zxid: 1n }, {});
      // @ts-expect-error no children
      encodeResponse(OpCode.getChildren, { xid: 1, zxid: 1n }, { children: null });
      // @ts-expect-error a child without a name
      encodeResponse(OpCode.getChildren, { xid: 1, zxid: 1n }, { children: [null] });
      // @ts-expect-error an event without a path
      encodeEvent({ type: 1, state: 3 });
      // @ts-expect-error the path is missing
      encodeTxn(OpCode.delete, {}, {});
      // @ts-expect-error no path in a change of a multi
      packMultiTxn([{ type: OpCode.setData, body: { data: null } }]);
    };
    expectTypeOf(wrong).toBeFunction();
  });

  test("encoding takes plain objects and records, and nothing that the op does not have", () => {
    expectTypeOf<CreateRequest>().toExtend<RequestBodyInit<Op["create"]>>();
    expectTypeOf<CreateRequestInit & { path: string; acl: ACL[] }>().toExtend<
      RequestBodyInit<Op["create"]>
    >();
    const wrong = (): void => {
      encodeRequest(OpCode.create, 1, {
        path: "/a",
        acl: [],
        // @ts-expect-error a create has no version: it is this argument that is marked
        version: 1,
      });
      encodeResponse(
        OpCode.create,
        { xid: 1, zxid: 1n },
        // @ts-expect-error a path is a string
        { path: 1 },
      );
      // @ts-expect-error a create needs a body
      encodeRequest(OpCode.create, 1);
      // @ts-expect-error a ping has no body
      encodeRequest(OpCode.ping, -2, {});
      // @ts-expect-error nobody asks for a notification
      encodeRequest(OpCode.notification, 1, null);
      // @ts-expect-error a multiRead changes nothing
      encodeRequest(OpCode.multiRead, 1, [{ type: OpCode.delete, body: { path: "/a" } }]);
      // @ts-expect-error a delete answers nothing
      encodeResponse(OpCode.delete, { xid: 1, zxid: 1n }, { path: "/a" });
      // @ts-expect-error a check has no response of its own
      decodeResponse(OpCode.check, new Uint8Array());
      // @ts-expect-error the type stands before the header
      encodeTxn(OpCode.delete, { type: 2 }, { path: "/a" });
      // @ts-expect-error only a closeSession may lack its record
      encodeTxn(OpCode.delete, {}, null);
    };
    expectTypeOf(wrong).toBeFunction();
  });
});
