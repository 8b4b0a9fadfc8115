// CSockets: the sockets interface of the system as typed C helpers.
//
// One header a concern; include this one for all of them, or any of them alone.
#ifndef CSOCKETS_H
#define CSOCKETS_H

#include "csockets/address.h"
#include "csockets/base.h"
#include "csockets/batch.h"
#include "csockets/clock.h"
#include "csockets/descriptor.h"
#include "csockets/error.h"
#include "csockets/file.h"
#include "csockets/interface.h"
#include "csockets/io.h"
#include "csockets/loop.h"
#include "csockets/message.h"
#include "csockets/name.h"
#include "csockets/option.h"
#include "csockets/process.h"
#include "csockets/queue.h"
#include "csockets/readiness.h"
#include "csockets/service.h"
#include "csockets/tcp_info.h"
#include "csockets/transfer.h"

#endif
