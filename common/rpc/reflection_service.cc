// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/reflection_service.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/event_loop.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"

namespace quorumcache::rpc {
namespace {

namespace v1alpha = grpc::reflection::v1alpha;
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

const DescriptorPool& Pool() {
  return *DescriptorPool::generated_pool();
}

void SetError(grpc::StatusCode code, const std::string& message,
              v1alpha::ServerReflectionResponse* response) {
  response->mutable_error_response()->set_error_code(code);
  response->mutable_error_response()->set_error_message(message);
}

// `file` and everything it imports, each once.
void AddFile(const FileDescriptor& file, std::set<std::string>* seen,
             v1alpha::FileDescriptorResponse* response) {
  if (!seen->insert(file.name()).second) return;
  google::protobuf::FileDescriptorProto proto;
  file.CopyTo(&proto);
  response->add_file_descriptor_proto(proto.SerializeAsString());
  for (int i = 0; i < file.dependency_count(); ++i) AddFile(*file.dependency(i), seen, response);
}

void AnswerFile(const FileDescriptor* file, const std::string& what,
                v1alpha::ServerReflectionResponse* response) {
  if (file == nullptr) {
    SetError(grpc::StatusCode::NOT_FOUND, absl::StrCat("not found: ", what), response);
    return;
  }
  std::set<std::string> seen;
  AddFile(*file, &seen, response->mutable_file_descriptor_response());
}

const FileDescriptor* FindExtensionFile(const v1alpha::ExtensionRequest& request) {
  const auto* type = Pool().FindMessageTypeByName(request.containing_type());
  if (type == nullptr) return nullptr;
  const auto* extension = Pool().FindExtensionByNumber(type, request.extension_number());
  return extension == nullptr ? nullptr : extension->file();
}

void AnswerExtensionNumbers(const std::string& type_name,
                            v1alpha::ServerReflectionResponse* response) {
  const auto* type = Pool().FindMessageTypeByName(type_name);
  if (type == nullptr) {
    SetError(grpc::StatusCode::NOT_FOUND, absl::StrCat("not found: ", type_name), response);
    return;
  }
  std::vector<const google::protobuf::FieldDescriptor*> extensions;
  Pool().FindAllExtensions(type, &extensions);
  auto* numbers = response->mutable_all_extension_numbers_response();
  numbers->set_base_type_name(type_name);
  for (const auto* extension : extensions) numbers->add_extension_number(extension->number());
}

}  // namespace

class ReflectionService::Impl {
 public:
  explicit Impl(std::vector<std::string> names) : names_(std::move(names)) {}

  v1alpha::ServerReflection::AsyncService& service() { return service_; }
  void Start(grpc::ServerCompletionQueue& queue) {
    queue_ = &queue;
    Accept();
  }
  void Close();

 private:
  class Stream;

  void Accept();
  v1alpha::ServerReflectionResponse Answer(const v1alpha::ServerReflectionRequest& request) const {
    using Request = v1alpha::ServerReflectionRequest;
    v1alpha::ServerReflectionResponse response;
    response.set_valid_host(request.host());
    *response.mutable_original_request() = request;
    switch (request.message_request_case()) {
      case Request::kFileByFilename:
        AnswerFile(Pool().FindFileByName(request.file_by_filename()), request.file_by_filename(),
                   &response);
        break;
      case Request::kFileContainingSymbol:
        AnswerFile(Pool().FindFileContainingSymbol(request.file_containing_symbol()),
                   request.file_containing_symbol(), &response);
        break;
      case Request::kFileContainingExtension:
        AnswerFile(FindExtensionFile(request.file_containing_extension()),
                   request.file_containing_extension().containing_type(), &response);
        break;
      case Request::kAllExtensionNumbersOfType:
        AnswerExtensionNumbers(request.all_extension_numbers_of_type(), &response);
        break;
      case Request::kListServices:
        for (const std::string& name : names_) {
          response.mutable_list_services_response()->add_service()->set_name(name);
        }
        break;
      case Request::MESSAGE_REQUEST_NOT_SET:
        SetError(grpc::StatusCode::INVALID_ARGUMENT, "the request asks for nothing", &response);
        break;
    }
    return response;
  }

  const std::vector<std::string> names_;
  v1alpha::ServerReflection::AsyncService service_;
  grpc::ServerCompletionQueue* queue_ = nullptr;
  std::set<Stream*> streams_;
  bool closed_ = false;
};

// One stream; belongs to itself. One question, one answer, then the next question.
class ReflectionService::Impl::Stream {
 public:
  explicit Stream(Impl& impl) : impl_(impl), stream_(&context_) {
    impl_.service_.RequestServerReflectionInfo(&context_, &stream_, impl_.queue_, impl_.queue_,
                                               on_accept_.tag());
  }
  // What is under way fails, and that ends it.
  void Cancel() { context_.TryCancel(); }

 private:
  void OnAccept(bool ok) {
    if (!ok) {
      delete this;
      return;
    }
    impl_.streams_.insert(this);
    impl_.Accept();
    stream_.Read(&request_, on_read_.tag());
  }
  void OnRead(bool ok) {
    if (!ok) {
      stream_.Finish(grpc::Status::OK, on_finish_.tag());
    } else {
      stream_.Write(impl_.Answer(request_), on_write_.tag());
    }
  }
  void OnWrite(bool ok) {
    if (!ok) {
      stream_.Finish(grpc::Status::OK, on_finish_.tag());
    } else {
      stream_.Read(&request_, on_read_.tag());
    }
  }
  void OnFinish(bool ok) {
    impl_.streams_.erase(this);
    delete this;
  }

  Impl& impl_;
  grpc::ServerContext context_;
  v1alpha::ServerReflectionRequest request_;
  grpc::ServerAsyncReaderWriter<v1alpha::ServerReflectionResponse, v1alpha::ServerReflectionRequest>
      stream_;

  MemberTag<Stream, &Stream::OnAccept> on_accept_{this};
  MemberTag<Stream, &Stream::OnRead> on_read_{this};
  MemberTag<Stream, &Stream::OnWrite> on_write_{this};
  MemberTag<Stream, &Stream::OnFinish> on_finish_{this};
};

void ReflectionService::Impl::Accept() {
  if (!closed_) new Stream(*this);  // deletes itself
}

void ReflectionService::Impl::Close() {
  closed_ = true;
  for (Stream* stream : streams_) stream->Cancel();
}

ReflectionService::ReflectionService(std::vector<std::string> service_names)
    : impl_(std::make_unique<Impl>(std::move(service_names))) {}
ReflectionService::~ReflectionService() = default;

grpc::Service* ReflectionService::service() {
  return &impl_->service();
}
void ReflectionService::Start(grpc::ServerCompletionQueue& queue) {
  impl_->Start(queue);
}
void ReflectionService::Close() {
  impl_->Close();
}

}  // namespace quorumcache::rpc
