// SPDX-License-Identifier: Apache-2.0
#include "cli/key_commands.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/key_output.h"
#include "cli/value_source.h"
#include "cli/write_options.h"
#include "common/base/status_macros.h"

namespace quorumcache::cli {
namespace {

absl::Status NotFound(absl::string_view key) {
  return absl::NotFoundError(absl::StrCat("not found: ", Printable(key)));
}

class GetCommand : public ClientCommand {
 public:
  explicit GetCommand() : ClientCommand("value") {}
  void AddOptions(runtime::Options& options) override {
    ClientCommand::AddOptions(options);
    key_.AddTo(options);
  }
  absl::Status Run(const std::vector<std::string>& arguments) override {
    v1::GetRequest request;
    key_.Fill(request, arguments[0]);
    QC_ASSIGN_OR_RETURN(const v1::GetResponse response, client().Get(request));
    if (!response.found()) return NotFound(arguments[0]);
    Show(arguments[0], response);
    return absl::OkStatus();
  }

 protected:
  virtual void Show(absl::string_view key, const v1::GetResponse& response) {
    PrintOut(FormatValue(form(), key, response, OutIsTerminal()));
  }

 private:
  KeyOptions key_;
};

class TtlCommand final : public GetCommand {
 private:
  void Show(absl::string_view key, const v1::GetResponse& response) override {
    PrintOut(FormatTtl(form(), key, response, absl::Now()));
  }
};

// What all commands that change a key share.
class WriteCommand : public ClientCommand {
 public:
  explicit WriteCommand() : ClientCommand("value") {}
  void AddOptions(runtime::Options& options) override {
    ClientCommand::AddOptions(options);
    key_.AddTo(options);
    write_.AddTo(options);
  }
  Effect effect() const override { return Effect::kWrites; }

 protected:
  template <typename Request>
  Request MakeRequest(const std::string& key) const {
    Request request;
    key_.Fill(request, key);
    write_.Fill(request);
    return request;
  }
  template <typename Response>
  void ShowWritten(absl::string_view key, const Response& response) const {
    PrintOut(FormatWritten(form(), key, response.etag(),
                           response.has_expire_time() ? &response.expire_time() : nullptr));
  }

 private:
  KeyOptions key_;
  WriteOptions write_;
};

// --if-absent, --if-present, --if-etag: one at most.
struct ConditionOptions {
  absl::Status Check() const {
    if ((if_absent ? 1 : 0) + (if_present ? 1 : 0) + (if_etag.empty() ? 0 : 1) <= 1) {
      return absl::OkStatus();
    }
    return UsageError("only one of --if-absent, --if-present and --if-etag may be given");
  }
  bool if_absent = false;
  bool if_present = false;
  std::string if_etag;
};

class SetCommand final : public WriteCommand {
 public:
  void AddOptions(runtime::Options& options) override {
    WriteCommand::AddOptions(options);
    ttl_.AddTo(options);
    value_.AddTo(options);
    options.AddBool("keep-ttl", &keep_ttl_, {.help = "Expire when the present value would."});
    options.AddBool("if-absent", &condition_.if_absent, {.help = "Only if there is no value."});
    options.AddBool("if-present", &condition_.if_present, {.help = "Only if there is a value."});
    options.AddString("if-etag", &condition_.if_etag,
                      {.help = "Only if the value still has this etag.", .value_name = "ETAG"});
  }
  absl::Status Run(const std::vector<std::string>& arguments) override {
    QC_RETURN_IF_ERROR(condition_.Check());
    auto request = MakeRequest<v1::SetRequest>(arguments[0]);
    QC_RETURN_IF_ERROR(value_.Fill(arguments, 1, request));
    ttl_.Fill(request);
    request.set_keep_ttl(keep_ttl_);
    if (condition_.if_absent) request.set_if_absent(true);
    if (condition_.if_present) request.set_if_present(true);
    if (!condition_.if_etag.empty()) request.set_if_etag(condition_.if_etag);
    QC_ASSIGN_OR_RETURN(const v1::SetResponse response, client().Set(std::move(request)));
    ShowWritten(arguments[0], response);
    return absl::OkStatus();
  }

 private:
  TtlOption ttl_;
  ValueSource value_;
  ConditionOptions condition_;
  bool keep_ttl_ = false;
};

class DeleteCommand final : public WriteCommand {
 public:
  void AddOptions(runtime::Options& options) override {
    WriteCommand::AddOptions(options);
    options.AddBool("if-present", &condition_.if_present, {.help = "Fail if there is no value."});
    options.AddString("if-etag", &condition_.if_etag,
                      {.help = "Only if the value still has this etag.", .value_name = "ETAG"});
  }
  absl::Status Run(const std::vector<std::string>& arguments) override {
    QC_RETURN_IF_ERROR(condition_.Check());
    auto request = MakeRequest<v1::DeleteRequest>(arguments[0]);
    if (condition_.if_present) request.set_if_present(true);
    if (!condition_.if_etag.empty()) request.set_if_etag(condition_.if_etag);
    QC_RETURN_IF_ERROR(client().Delete(std::move(request)).status());
    PrintOut(FormatDeleted(form(), arguments[0]));
    return absl::OkStatus();
  }

 private:
  ConditionOptions condition_;
};

class TouchCommand final : public WriteCommand {
 public:
  void AddOptions(runtime::Options& options) override {
    WriteCommand::AddOptions(options);
    ttl_.AddTo(options);
    options.AddBool("never", &never_, {.help = "Let the value live for ever."});
  }
  absl::Status Run(const std::vector<std::string>& arguments) override {
    if (ttl_.given() == never_) return UsageError("give one of --ttl and --never");
    auto request = MakeRequest<v1::TouchRequest>(arguments[0]);
    ttl_.Fill(request);
    QC_ASSIGN_OR_RETURN(const v1::TouchResponse response, client().Touch(std::move(request)));
    if (!response.found()) return NotFound(arguments[0]);
    ShowWritten(arguments[0], response);
    return absl::OkStatus();
  }

 private:
  TtlOption ttl_;
  bool never_ = false;
};

class IncrementCommand final : public WriteCommand {
 public:
  void AddOptions(runtime::Options& options) override {
    WriteCommand::AddOptions(options);
    ttl_.AddTo(options);
    options.AddBool("keep-ttl", &keep_ttl_, {.help = "Expire when the present value would."});
    options.AddInteger("initial", &initial_, std::numeric_limits<int64_t>::min(),
                       std::numeric_limits<int64_t>::max(),
                       {.help = "What an absent key counts from."});
  }
  absl::Status Run(const std::vector<std::string>& arguments) override {
    int64_t delta = 1;
    if (arguments.size() > 1 && !absl::SimpleAtoi(arguments[1], &delta)) {
      return UsageError(absl::StrCat("\"", arguments[1], "\" is not a whole number"));
    }
    auto request = MakeRequest<v1::IncrementRequest>(arguments[0]);
    request.set_delta(delta);
    request.set_initial(initial_);
    request.set_keep_ttl(keep_ttl_);
    ttl_.Fill(request);
    QC_ASSIGN_OR_RETURN(const v1::IncrementResponse response,
                        client().Increment(std::move(request)));
    if (form() == OutputForm::kValue) {
      PrintOut(absl::StrCat(response.value(), "\n"));
    } else {
      v1::GetResponse value;
      value.set_found(true);
      value.set_value(absl::StrCat(response.value()));
      value.set_etag(response.etag());
      if (response.has_expire_time()) *value.mutable_expire_time() = response.expire_time();
      PrintOut(FormatValue(form(), arguments[0], value, OutIsTerminal()));
    }
    return absl::OkStatus();
  }

 private:
  TtlOption ttl_;
  bool keep_ttl_ = false;
  int64_t initial_ = 0;
};

class CompareAndSetCommand final : public WriteCommand {
 public:
  void AddOptions(runtime::Options& options) override {
    WriteCommand::AddOptions(options);
    ttl_.AddTo(options);
    value_.AddTo(options);
    options.AddBool("keep-ttl", &keep_ttl_, {.help = "Expire when the present value would."});
  }
  absl::Status Run(const std::vector<std::string>& arguments) override {
    auto request = MakeRequest<v1::CompareAndSetRequest>(arguments[0]);
    request.set_etag(arguments[1]);
    QC_RETURN_IF_ERROR(value_.Fill(arguments, 2, request));
    ttl_.Fill(request);
    request.set_keep_ttl(keep_ttl_);
    QC_ASSIGN_OR_RETURN(const v1::CompareAndSetResponse response,
                        client().CompareAndSet(std::move(request)));
    ShowWritten(arguments[0], response);
    return absl::OkStatus();
  }

 private:
  TtlOption ttl_;
  ValueSource value_;
  bool keep_ttl_ = false;
};

class MultiGetCommand final : public ClientCommand {
 public:
  MultiGetCommand() : ClientCommand("table") {}
  void AddOptions(runtime::Options& options) override {
    ClientCommand::AddOptions(options);
    key_.AddTo(options);
  }
  absl::Status Run(const std::vector<std::string>& arguments) override {
    v1::MultiGetRequest request;
    request.set_namespace_(key_.name_space);
    request.set_consistency(key_.level());
    for (const std::string& key : arguments) request.add_keys(key);
    QC_ASSIGN_OR_RETURN(const v1::MultiGetResponse response, client().MultiGet(request));
    PrintOut(FormatMultiGet(form(), arguments, response));
    return StatusOfMultiGet(arguments, response);
  }

 private:
  KeyOptions key_;
};

class ScanCommand final : public ClientCommand {
 public:
  ScanCommand() : ClientCommand("value") {}
  void AddOptions(runtime::Options& options) override {
    ClientCommand::AddOptions(options);
    options.AddString("namespace", &name_space_, {.help = "What to walk.", .short_name = 'n'});
    options.AddInteger("limit", &limit_, uint32_t{0}, ~uint32_t{0},
                       {.help = "Stop after so many keys; 0: at the end."});
    options.AddBool("values", &values_, {.help = "Print the values too."});
  }
  absl::Status Run(const std::vector<std::string>& arguments) override {
    v1::ScanRequest request;
    request.set_namespace_(name_space_);
    if (!arguments.empty()) request.set_prefix(arguments[0]);
    request.set_limit(limit_);
    request.set_include_values(values_);
    return client().Scan(request, [this](const v1::ScanEntry& entry) {
      PrintOut(FormatScanEntry(form(), entry, values_));
      return true;
    });
  }

 private:
  std::string name_space_ = "default";
  uint32_t limit_ = 0;
  bool values_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeGet() {
  return std::make_unique<GetCommand>();
}
std::unique_ptr<Command> MakeSet() {
  return std::make_unique<SetCommand>();
}
std::unique_ptr<Command> MakeDelete() {
  return std::make_unique<DeleteCommand>();
}
std::unique_ptr<Command> MakeTtl() {
  return std::make_unique<TtlCommand>();
}
std::unique_ptr<Command> MakeTouch() {
  return std::make_unique<TouchCommand>();
}
std::unique_ptr<Command> MakeIncrement() {
  return std::make_unique<IncrementCommand>();
}
std::unique_ptr<Command> MakeCompareAndSet() {
  return std::make_unique<CompareAndSetCommand>();
}
std::unique_ptr<Command> MakeMultiGet() {
  return std::make_unique<MultiGetCommand>();
}
std::unique_ptr<Command> MakeScan() {
  return std::make_unique<ScanCommand>();
}

}  // namespace quorumcache::cli
