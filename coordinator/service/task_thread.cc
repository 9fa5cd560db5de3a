// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/task_thread.h"

#include <utility>

#include "common/runtime/thread_priority.h"

namespace quorumcache::service {

TaskThread::TaskThread() : thread_([this] { Run(); }) {}

TaskThread::~TaskThread() {
  Stop();
}

bool TaskThread::Post(std::function<void()> task) {
  base::MutexLock lock(mutex_);
  if (is_stopping_) return false;
  tasks_.push_back(std::move(task));
  wake_.NotifyOne();
  return true;
}

void TaskThread::Stop() {
  {
    base::MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyOne();
  }
  if (thread_.joinable()) thread_.join();
}

void TaskThread::Run() {
  runtime::StepBehindOtherThreads();
  while (true) {
    std::function<void()> task;
    {
      base::MutexLock lock(mutex_);
      while (tasks_.empty() && !is_stopping_) wake_.Wait(mutex_);
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace quorumcache::service
