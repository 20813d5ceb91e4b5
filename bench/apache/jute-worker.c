/*
 * The C client's Jute on the benchmark's workloads. Prints one line when it is ready, then answers
 * each line "<mode> <iterations>" with the nanoseconds that they took.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <zookeeper.jute.h>

#define KEPT 16

/* Results live for a few operations, as the other workers' do, and are freed then. */
static char *kept[KEPT];

struct message {
    const char *id;
    void (*write)(struct oarchive *out);
    void (*read_and_free)(struct iarchive *in);
};

static struct CreateRequest create_request, chinese_request;
static struct CreateRequest multi_requests[64];
static struct MultiHeader multi_header = {1, 0, -1}, multi_end = {-1, 1, -1};
static struct Stat stat = {0x500001234, 0x500004321, 1712345678901, 1723456789012, 17, 3, 1, 0, 1024,
                           12, 0x500003333};
static struct ReplyHeader reply_header = {70001, 0x500004321, 0};
static struct GetDataResponse get_data_response;
static struct GetChildrenResponse names, chinese_names;
static struct QuorumPacket quorum_packet;
static struct SetDataRequest set_data_request;

static char *copy_of(const char *text) {
    return strdup(text);
}

static struct buffer bytes(int32_t length) {
    struct buffer result = {length, malloc(length)};
    for (int32_t i = 0; i < length; i++) result.buff[i] = (char)(i * 7 + 3);
    return result;
}

static struct CreateRequest make_create_request(const char *path) {
    struct CreateRequest request;
    request.path = copy_of(path);
    request.data = bytes(128);
    allocate_ACL_vector(&request.acl, 1);
    request.acl.data[0].perms = 31;
    request.acl.data[0].id.scheme = copy_of("world");
    request.acl.data[0].id.id = copy_of("anyone");
    request.flags = 0;
    return request;
}

/* A character of the basic plane above U+07FF as UTF-8. */
static void append_character(char *text, int code) {
    size_t at = strlen(text);
    text[at] = (char)(0xe0 | code >> 12);
    text[at + 1] = (char)(0x80 | (code >> 6 & 0x3f));
    text[at + 2] = (char)(0x80 | (code & 0x3f));
    text[at + 3] = 0;
}

static void make_records(void) {
    static const char *services[] = {"订单服务", "支付网关", "用户中心", "库存管理", "消息推送"};
    char text[128];
    create_request = make_create_request("/services/orders/instances/i-7");
    chinese_request =
        make_create_request("/服务/订单中心/配置管理/数据库连接/主节点地址列表/北京机房");
    for (int i = 0; i < 64; i++) {
        snprintf(text, sizeof text, "/services/orders/batch/item-%02d", i);
        multi_requests[i] = make_create_request(text);
    }
    get_data_response.data = bytes(1024);
    get_data_response.stat = stat;
    allocate_String_vector(&names.children, 1000);
    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof text, "worker-%013d", i * 7919);
        names.children.data[i] = copy_of(text);
    }
    allocate_String_vector(&chinese_names.children, 100);
    for (int i = 0; i < 100; i++) {
        snprintf(text, sizeof text, "%s节点编号", services[i % 5]);
        append_character(text, 0x4e00 + i * 13);
        strcat(text, "号");
        chinese_names.children.data[i] = copy_of(text);
    }
    quorum_packet.type = 2;
    quorum_packet.zxid = 0x500004321;
    quorum_packet.data = bytes(256);
    quorum_packet.authinfo.count = -1;
    quorum_packet.authinfo.data = NULL;
    set_data_request.path = copy_of("/services/orders/blob");
    set_data_request.data = bytes(1000000);
    set_data_request.version = -1;
}

#define MESSAGE(name, type, record)                                  \
    static void write_##name(struct oarchive *out) {                 \
        serialize_##type(out, "", &record);                          \
    }                                                                \
    static void read_##name(struct iarchive *in) {                   \
        struct type value;                                           \
        deserialize_##type(in, "", &value);                          \
        deallocate_##type(&value);                                   \
    }

MESSAGE(a, CreateRequest, create_request)
MESSAGE(b, Stat, stat)
MESSAGE(d, GetChildrenResponse, names)
MESSAGE(e, QuorumPacket, quorum_packet)
MESSAGE(g, CreateRequest, chinese_request)
MESSAGE(g2, GetChildrenResponse, chinese_names)
MESSAGE(h, SetDataRequest, set_data_request)
MESSAGE(i, ReplyHeader, reply_header)

static void write_c(struct oarchive *out) {
    serialize_ReplyHeader(out, "", &reply_header);
    serialize_GetDataResponse(out, "", &get_data_response);
}

static void read_c(struct iarchive *in) {
    struct ReplyHeader header;
    struct GetDataResponse body;
    deserialize_ReplyHeader(in, "", &header);
    deserialize_GetDataResponse(in, "", &body);
    deallocate_GetDataResponse(&body);
}

static void write_f(struct oarchive *out) {
    for (int i = 0; i < 64; i++) {
        serialize_MultiHeader(out, "", &multi_header);
        serialize_CreateRequest(out, "", &multi_requests[i]);
    }
    serialize_MultiHeader(out, "", &multi_end);
}

static void read_f(struct iarchive *in) {
    struct MultiHeader header;
    struct CreateRequest request;
    for (;;) {
        deserialize_MultiHeader(in, "", &header);
        if (header.done) return;
        deserialize_CreateRequest(in, "", &request);
        deallocate_CreateRequest(&request);
    }
}

static const struct message messages[] = {
    {"a", write_a, read_a},    {"b", write_b, read_b},    {"c", write_c, read_c},
    {"d", write_d, read_d},    {"e", write_e, read_e},    {"f", write_f, read_f},
    {"g", write_g, read_g},    {"g2", write_g2, read_g2}, {"h", write_h, read_h},
    {"i", write_i, read_i},
};

static char *encode(const struct message *message, int *length) {
    struct oarchive *out = create_buffer_oarchive();
    message->write(out);
    char *result = get_buffer(out);
    *length = get_buffer_len(out);
    close_buffer_oarchive(&out, 0);
    return result;
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void encode_many(const struct message *message, int iterations) {
    for (int i = 0; i < iterations; i++) {
        int length;
        free(kept[i % KEPT]);
        kept[i % KEPT] = encode(message, &length);
    }
}

static void decode_many(const struct message *message, int iterations, char *encoded, int length) {
    for (int i = 0; i < iterations; i++) {
        struct iarchive *in = create_buffer_iarchive(encoded, length);
        message->read_and_free(in);
        close_buffer_iarchive(&in);
    }
}

int main(int count, char **arguments) {
    const struct message *message = NULL;
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        if (count == 2 && strcmp(messages[i].id, arguments[1]) == 0) message = &messages[i];
    }
    if (message == NULL) return 2;
    make_records();
    int length;
    char *encoded = encode(message, &length);
    uint32_t hash = 0x811c9dc5;
    for (int i = 0; i < length; i++) hash = (hash ^ (uint8_t)encoded[i]) * 0x01000193;
    printf("ready\tgcc %s, C client 3.8\tencode,decode\t%d\t%" PRIu32 "\n", __VERSION__, length, hash);
    fflush(stdout);
    char mode[16];
    int iterations;
    while (scanf("%15s %d", mode, &iterations) == 2) {
        int64_t start = now();
        if (strcmp(mode, "encode") == 0) encode_many(message, iterations);
        else decode_many(message, iterations, encoded, length);
        printf("%" PRId64 "\n", now() - start);
        fflush(stdout);
    }
    return 0;
}
