// SPDX-License-Identifier: Apache-2.0
// Server, HealthService and ReflectionService, as any gRPC client meets them.
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/rpc/channel.h"
#include "common/rpc/client_call.h"
#include "common/rpc/health_service.h"
#include "common/rpc/reflection_service.h"
#include "common/rpc/server.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "gtest/gtest.h"
#include "tests/common/rpc/loop_fixture.h"

namespace quorumcache::rpc {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using testing::Gt;
using testing::HasSubstr;
namespace v1alpha = grpc::reflection::v1alpha;

constexpr char kHealthName[] = "grpc.health.v1.Health";

class StandardServicesTest : public testing::Test {
 protected:
  StandardServicesTest() {
    server_ = Server::Start({.listen_address = "127.0.0.1:0",
                             .services = {health_.service(), reflection_.service()}})
                  .value();
    loop_ = std::make_unique<EventLoop>(server_->TakeQueue(), clock_);
    health_.Start(server_->queue());
    reflection_.Start(server_->queue());
    thread_ = std::thread([this] { loop_->Run(); });
    channel_ = MakeChannel(address(), BaseChannelArguments());
  }
  ~StandardServicesTest() override {
    loop_->Post([this] {
      health_.Close();
      reflection_.Close();
      server_->Shutdown(*loop_, absl::Seconds(5), [this] { loop_->Stop(); });
    });
    thread_.join();
    loop_->Drain();
  }

  std::string address() const { return absl::StrCat("127.0.0.1:", server_->port()); }
  void SetHealth(const std::string& name, bool serving) {
    loop_->Post([this, name, serving] { health_.Set(name, serving); });
  }
  grpc::Status Check(const std::string& name, HealthCheckResponse* response) {
    HealthCheckRequest request;
    request.set_service(name);
    grpc::ClientContext context;
    return Health::NewStub(channel_)->Check(&context, request, response);
  }

  SystemClock clock_;
  HealthService health_;
  ReflectionService reflection_{{kHealthName}};
  std::unique_ptr<Server> server_;
  std::unique_ptr<EventLoop> loop_;
  std::thread thread_;
  std::shared_ptr<grpc::Channel> channel_;
  grpc::ClientContext watch_context_, reflection_context_;
  std::unique_ptr<grpc::ClientReader<HealthCheckResponse>> watch_;
  std::unique_ptr<
      grpc::ClientReaderWriter<v1alpha::ServerReflectionRequest, v1alpha::ServerReflectionResponse>>
      reflection_stream_;
};

TEST_F(StandardServicesTest, CheckTellsWhatWasSet) {
  HealthCheckResponse response;
  EXPECT_EQ(Check("x", &response).error_code(), grpc::StatusCode::NOT_FOUND);

  SetHealth("x", true);
  ASSERT_TRUE(Check("x", &response).ok());
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  SetHealth("x", false);
  ASSERT_TRUE(Check("x", &response).ok());

  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
}

TEST_F(StandardServicesTest, StoppedListeningItServesThoseWhoAreConnected) {
  HealthCheckResponse response;
  SetHealth("", true);
  ASSERT_TRUE(Check("", &response).ok());

  server_->StopListening();
  const grpc::Status connected = Check("", &response);
  grpc::ChannelArguments arguments = BaseChannelArguments();
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
  channel_ = MakeChannel(address(), arguments);
  const grpc::Status late = Check("", &response);

  EXPECT_TRUE(connected.ok()) << connected.error_message();
  EXPECT_EQ(late.error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(StandardServicesTest, WatchTellsThePresentAndEveryChange) {
  HealthCheckRequest request;
  request.set_service("x");
  grpc::ClientContext context;
  auto watch = Health::NewStub(channel_)->Watch(&context, request);
  HealthCheckResponse response;

  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVICE_UNKNOWN);
  SetHealth("x", true);
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  SetHealth("x", false);
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);

  context.TryCancel();
  while (watch->Read(&response)) {
  }
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

// The fixture shuts the server down while these are open: neither may hold it up.
TEST_F(StandardServicesTest, OpenStreamsDoNotHoldUpTheShutdown) {
  watch_ = Health::NewStub(channel_)->Watch(&watch_context_, {});
  reflection_stream_ =
      v1alpha::ServerReflection::NewStub(channel_)->ServerReflectionInfo(&reflection_context_);
  HealthCheckResponse response;

  EXPECT_TRUE(watch_->Read(&response));
}

TEST_F(StandardServicesTest, ReflectionListsServicesAndGivesTheirFiles) {
  grpc::ClientContext context;
  auto stream = v1alpha::ServerReflection::NewStub(channel_)->ServerReflectionInfo(&context);
  v1alpha::ServerReflectionRequest request;
  v1alpha::ServerReflectionResponse response;

  request.set_list_services("");
  ASSERT_TRUE(stream->Write(request) && stream->Read(&response));
  ASSERT_EQ(response.list_services_response().service_size(), 1);
  EXPECT_EQ(response.list_services_response().service(0).name(), kHealthName);

  request.set_file_containing_symbol(kHealthName);
  ASSERT_TRUE(stream->Write(request) && stream->Read(&response));
  ASSERT_THAT(response.file_descriptor_response().file_descriptor_proto_size(), Gt(0));
  google::protobuf::FileDescriptorProto file;
  ASSERT_TRUE(file.ParseFromString(response.file_descriptor_response().file_descriptor_proto(0)));
  EXPECT_EQ(file.package(), "grpc.health.v1");

  request.set_file_by_filename("no/such.proto");
  ASSERT_TRUE(stream->Write(request) && stream->Read(&response));
  EXPECT_EQ(response.error_response().error_code(), grpc::StatusCode::NOT_FOUND);

  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(StandardServicesTest, UnaryClientCallsComeBackOnTheirLoop) {
  SetHealth("", true);
  auto client_loop = MakeClientLoop(clock_);
  const auto stub = Health::NewStub(channel_);
  HealthCheckRequest request;
  HealthCheckResponse::ServingStatus answer = HealthCheckResponse::UNKNOWN;

  StartClientCall<HealthCheckResponse>(
      *client_loop, absl::Seconds(30),
      [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        return stub->PrepareAsyncCheck(context, request, queue);
      },
      [&](const absl::Status& status, HealthCheckResponse& response) {
        EXPECT_TRUE(status.ok()) << status;
        answer = response.status();
      });
  EXPECT_TRUE(TurnUntil({client_loop.get()}, [&] { return answer != 0; }));

  EXPECT_EQ(answer, HealthCheckResponse::SERVING);
}

TEST(ServerTest, AnAddressThatCannotBeBoundSaysWhy) {
  const auto taken = Server::Start({.listen_address = "127.0.0.1:0"}).value();

  const auto second = Server::Start({.listen_address = absl::StrCat("127.0.0.1:", taken->port())});
  const auto nonsense = Server::Start({.listen_address = "no-port"});
  const auto foreign = Server::Start({.listen_address = "192.0.2.1:0"});

  ASSERT_FALSE(second.ok() || nonsense.ok() || foreign.ok());
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("Address already in use"));
  EXPECT_THAT(std::string(nonsense.status().message()), HasSubstr("host:port"));
  EXPECT_THAT(std::string(foreign.status().message()), HasSubstr("192.0.2.1"));
}

}  // namespace
}  // namespace quorumcache::rpc
