// SPDX-License-Identifier: Apache-2.0
#include "cli/cluster_commands.h"

#include "absl/strings/str_cat.h"
#include "cli/cluster_output.h"
#include "cli/json_text.h"
#include "client/error.h"
#include "common/base/status_macros.h"

namespace quorumcache::cli {
namespace {

class LocateCommand final : public ClientCommand {
 public:
  LocateCommand() : ClientCommand("table") {}
  void AddOptions(runtime::Options& options) override {
    ClientCommand::AddOptions(options);
    options.AddString("namespace", &name_space_, {.help = "Where it lives.", .short_name = 'n'});
  }
  absl::Status Run(const std::vector<std::string>& arguments) override {
    v1::LocateKeyRequest request;
    request.set_namespace_(name_space_);
    request.set_key(arguments[0]);
    QC_ASSIGN_OR_RETURN(const v1::LocateKeyResponse response, client().LocateKey(request));
    PrintOut(FormatLocation(form(), arguments[0], response));
    return absl::OkStatus();
  }

 private:
  std::string name_space_ = "default";
};

class MapCommand final : public ClientCommand {
 public:
  using Format = std::string (*)(OutputForm, const v1::GetClusterMapResponse&);
  explicit MapCommand(Format format) : ClientCommand("table"), format_(format) {}

  absl::Status Run(const std::vector<std::string>&) override {
    QC_ASSIGN_OR_RETURN(const v1::GetClusterMapResponse map, client().GetClusterMap());
    PrintOut(format_(form(), map));
    return absl::OkStatus();
  }

 private:
  const Format format_;
};

// Also what a container's HEALTHCHECK runs.
class HealthCommand final : public ClientCommand {
 public:
  HealthCommand() : ClientCommand("table") {}

  absl::Status Run(const std::vector<std::string>&) override {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> objects;
    absl::Status worst;
    for (size_t i = 0; i < endpoints().size(); ++i) {
      const absl::Status status = client().CheckHealth(i);
      if (!status.ok()) worst = status;
      const std::string text = status.ok() ? "ready" : DescribeError(status, Effect::kReads);
      rows.push_back({endpoints()[i], text});
      JsonObject object;
      objects.push_back(object.AddText("endpoint", endpoints()[i])
                            .AddBool("ready", status.ok())
                            .AddText("message", Printable(text))
                            .Text());
    }
    if (form() == OutputForm::kTable) PrintOut(FormatTable({"ENDPOINT", "HEALTH"}, rows));
    if (form() == OutputForm::kJson) PrintOut(JsonArray(objects) + "\n");
    return worst;
  }
};

}  // namespace

std::unique_ptr<Command> MakeLocate() {
  return std::make_unique<LocateCommand>();
}
std::unique_ptr<Command> MakeClusterStatus() {
  return std::make_unique<MapCommand>(FormatStatus);
}
std::unique_ptr<Command> MakeNodeList() {
  return std::make_unique<MapCommand>(FormatNodes);
}
std::unique_ptr<Command> MakeHealth() {
  return std::make_unique<HealthCommand>();
}

}  // namespace quorumcache::cli
